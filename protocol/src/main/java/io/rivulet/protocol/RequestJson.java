package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Map.entry;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@link GenerationRequest} as JSON. */
final class RequestJson {

  /** Beyond any context; the engine knows the true bound. */
  private static final int MAX_TOKENS = 1 << 24;

  private static final int MAX_TOP_K = 1 << 24;

  /**
   * Fields that would change the answer and that this version does not honour, each with the number
   * that asks for nothing, where there is one. (An empty list or object, false and null always do.)
   */
  private static final Map<String, OptionalDouble> NOT_HONOURED =
      Map.ofEntries(
          entry("n", OptionalDouble.of(1)),
          entry("best_of", OptionalDouble.of(1)),
          entry("response_format", OptionalDouble.empty()),
          entry("tools", OptionalDouble.empty()));

  private RequestJson() {}

  static byte[] write(GenerationRequest request) {
    var json = JsonNodeFactory.instance.objectNode();
    request.id().ifPresent(id -> json.put("id", id));
    request.model().ifPresent(model -> json.put("model", model));
    switch (request.input()) {
      case Input.Text(String prompt) -> json.put("prompt", prompt);
      case Input.Chat(List<ChatMessage> messages) ->
          MessagesJson.write(messages, json.putArray(MessagesJson.FIELD));
    }
    request.maxTokens().ifPresent(maxTokens -> json.put("max_tokens", maxTokens));
    write(request.sampling(), json);
    write(request.stop(), json);
    request.topLogprobs().ifPresent(count -> json.put("logprobs", true).put("top_logprobs", count));
    request
        .sparsity()
        .ifPresent(mode -> json.put("sparsity", mode.name().toLowerCase(Locale.ROOT)));
    request.deadline().ifPresent(deadline -> json.put("deadline", deadline.toString()));
    json.put("priority", request.priority());
    json.putObject("stream_options").put("include_usage", request.includeUsage());
    return json.toString().getBytes(UTF_8);
  }

  private static void write(Sampling sampling, ObjectNode json) {
    json.put("temperature", sampling.temperature());
    json.put("top_p", sampling.topP());
    json.put("top_k", sampling.topK());
    json.put("min_p", sampling.minP());
    json.put("repetition_penalty", sampling.repetitionPenalty());
    json.put("frequency_penalty", sampling.frequencyPenalty());
    json.put("presence_penalty", sampling.presencePenalty());
    if (!sampling.logitBias().isEmpty()) {
      var biases = json.putObject("logit_bias");
      new TreeMap<>(sampling.logitBias())
          .forEach((id, bias) -> biases.put(Integer.toString(id), bias));
    }
    sampling.seed().ifPresent(seed -> json.put("seed", seed));
  }

  private static void write(Stop stop, ObjectNode json) {
    if (!stop.strings().isEmpty()) {
      stop.strings().forEach(json.putArray("stop")::add);
    }
    if (!stop.tokenIds().isEmpty()) {
      stop.tokenIds().forEach(json.putArray("stop_token_ids")::add);
    }
    json.put("min_tokens", stop.minTokens());
    json.put("ignore_eos", stop.ignoreEos());
  }

  static GenerationRequest read(byte[] value) {
    if (value.length > GenerationRequest.MAX_BYTES) {
      throw new MalformedMessageException(
          "the request must be at most "
              + GenerationRequest.MAX_BYTES
              + " bytes, was "
              + value.length);
    }
    Fields fields = Fields.parse(value, "the request");
    NOT_HONOURED.forEach((name, neutral) -> refuseUnlessNeutral(fields, name, neutral));
    var request = new GenerationRequestBuilder(input(fields));
    fields.text("id").map(id -> id(id)).ifPresent(request::id);
    fields.text("model").ifPresent(request::model);
    fields.integer("max_tokens", 1, MAX_TOKENS).ifPresent(request::maxTokens);
    readSampling(fields, request);
    readStop(fields, request);
    topLogprobs(fields).ifPresent(request::topLogprobs);
    fields.constant("sparsity", Sparsity.class).ifPresent(request::sparsity);
    fields.instant("deadline").ifPresent(request::deadline);
    fields.integer("priority", Integer.MIN_VALUE, Integer.MAX_VALUE).ifPresent(request::priority);
    fields
        .child("stream_options")
        .flatMap(options -> options.flag("include_usage"))
        .ifPresent(request::includeUsage);
    try {
      return request.build();
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(e.getMessage());
    }
  }

  private static void readSampling(Fields fields, GenerationRequestBuilder request) {
    fields.number("temperature", 0, Sampling.MAX_TEMPERATURE).ifPresent(request::temperature);
    fields.number("top_p", 0, 1).ifPresent(request::topP);
    fields.integer("top_k", 0, MAX_TOP_K).ifPresent(request::topK);
    fields.number("min_p", 0, 1).ifPresent(request::minP);
    fields
        .number(
            "repetition_penalty", Sampling.MIN_REPETITION_PENALTY, Sampling.MAX_REPETITION_PENALTY)
        .ifPresent(request::repetitionPenalty);
    fields
        .number("frequency_penalty", -Sampling.MAX_PENALTY, Sampling.MAX_PENALTY)
        .ifPresent(request::frequencyPenalty);
    fields
        .number("presence_penalty", -Sampling.MAX_PENALTY, Sampling.MAX_PENALTY)
        .ifPresent(request::presencePenalty);
    request.logitBias(
        fields.byTokenId(
            "logit_bias",
            Sampling.MAX_LOGIT_BIASES,
            -Sampling.MAX_LOGIT_BIAS,
            Sampling.MAX_LOGIT_BIAS));
    OptionalLong seed = fields.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    seed.ifPresent(request::seed);
  }

  private static void readStop(Fields fields, GenerationRequestBuilder request) {
    request.stop(fields.texts("stop", Stop.MAX_STRINGS));
    request.stopTokenIds(fields.tokenIds("stop_token_ids", Stop.MAX_TOKEN_IDS));
    fields.integer("min_tokens", 0, MAX_TOKENS).ifPresent(request::minTokens);
    fields.flag("ignore_eos").ifPresent(request::ignoreEos);
  }

  /** True with {@code top_logprobs} as in chat completions, or the count as in completions. */
  private static OptionalInt topLogprobs(Fields fields) {
    OptionalInt top = fields.integer("top_logprobs", 0, GenerationRequest.MAX_TOP_LOGPROBS);
    if (fields.value("logprobs").filter(JsonNode::isNumber).isPresent()) {
      OptionalInt count = fields.integer("logprobs", 0, GenerationRequest.MAX_TOP_LOGPROBS);
      if (top.isPresent() && !top.equals(count)) {
        throw new MalformedMessageException(
            "logprobs and top_logprobs are two numbers: make logprobs true");
      }
      return count;
    }
    if (fields.flag("logprobs").orElse(false)) {
      return OptionalInt.of(top.orElse(0));
    }
    if (top.orElse(0) > 0) {
      throw new MalformedMessageException("top_logprobs needs logprobs: make logprobs true");
    }
    return OptionalInt.empty();
  }

  static Optional<String> readId(byte[] value) {
    if (value.length > 4 * GenerationRequest.MAX_BYTES) {
      return Optional.empty();
    }
    try {
      return Fields.parse(value, "the request").text("id").filter(GenerationRequest::isId);
    } catch (MalformedMessageException e) {
      return Optional.empty();
    }
  }

  private static Input input(Fields fields) {
    boolean chat = fields.value(MessagesJson.FIELD).isPresent();
    Optional<String> prompt = fields.text("prompt");
    if (chat && prompt.isPresent()) {
      throw new MalformedMessageException("prompt and messages are both there: send one of them");
    }
    if (!chat && prompt.isEmpty()) {
      throw new MalformedMessageException("prompt is missing: send prompt or messages");
    }
    try {
      return chat
          ? new Input.Chat(MessagesJson.read(fields))
          : new Input.Text(prompt.orElseThrow());
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(e.getMessage());
    }
  }

  private static String id(String id) {
    if (!GenerationRequest.isId(id)) {
      throw new MalformedMessageException(
          "id must be 1 to "
              + GenerationRequest.MAX_ID_LENGTH
              + " characters, was "
              + id.length()
              + " long");
    }
    return id;
  }

  private static void refuseUnlessNeutral(Fields fields, String name, OptionalDouble neutral) {
    fields
        .value(name)
        .filter(value -> !isNeutral(value, neutral))
        .ifPresent(
            value -> {
              throw new MalformedMessageException(
                  name + " is not supported by this version: leave it out");
            });
  }

  private static boolean isNeutral(JsonNode value, OptionalDouble neutral) {
    if (value.isNumber()) {
      return neutral.isPresent() && value.doubleValue() == neutral.getAsDouble();
    }
    return value.isBoolean() ? !value.booleanValue() : value.isContainer() && value.isEmpty();
  }
}
