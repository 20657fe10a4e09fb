package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Map.entry;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

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
          entry("messages", OptionalDouble.empty()),
          entry("stop", OptionalDouble.empty()),
          entry("logprobs", OptionalDouble.empty()),
          entry("top_logprobs", OptionalDouble.of(0)),
          entry("repetition_penalty", OptionalDouble.of(1)),
          entry("presence_penalty", OptionalDouble.of(0)),
          entry("frequency_penalty", OptionalDouble.of(0)),
          entry("logit_bias", OptionalDouble.empty()),
          entry("n", OptionalDouble.of(1)),
          entry("best_of", OptionalDouble.of(1)),
          entry("priority", OptionalDouble.of(0)),
          entry("response_format", OptionalDouble.empty()),
          entry("tools", OptionalDouble.empty()));

  private RequestJson() {}

  static byte[] write(GenerationRequest request) {
    var json = JsonNodeFactory.instance.objectNode();
    request.id().ifPresent(id -> json.put("id", id));
    request.model().ifPresent(model -> json.put("model", model));
    json.put("prompt", request.prompt());
    request.maxTokens().ifPresent(maxTokens -> json.put("max_tokens", maxTokens));
    json.put("temperature", request.temperature());
    json.put("top_p", request.topP());
    json.put("top_k", request.topK());
    json.put("min_p", request.minP());
    request.seed().ifPresent(seed -> json.put("seed", seed));
    json.put("sparsity", request.sparsity().name().toLowerCase(Locale.ROOT));
    request.deadline().ifPresent(deadline -> json.put("deadline", deadline.toString()));
    json.putObject("stream_options").put("include_usage", request.includeUsage());
    return json.toString().getBytes(UTF_8);
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
    var request = GenerationRequest.of(prompt(fields));
    fields.text("id").map(id -> id(id)).ifPresent(request::id);
    fields.text("model").ifPresent(request::model);
    fields.integer("max_tokens", 1, MAX_TOKENS).ifPresent(request::maxTokens);
    fields
        .number("temperature", 0, GenerationRequest.MAX_TEMPERATURE)
        .ifPresent(request::temperature);
    fields.number("top_p", 0, 1).ifPresent(request::topP);
    fields.integer("top_k", 0, MAX_TOP_K).ifPresent(request::topK);
    fields.number("min_p", 0, 1).ifPresent(request::minP);
    OptionalLong seed = fields.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
    seed.ifPresent(request::seed);
    fields.constant("sparsity", Sparsity.class).ifPresent(request::sparsity);
    fields.instant("deadline").ifPresent(request::deadline);
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

  private static String prompt(Fields fields) {
    String prompt = fields.requiredText("prompt");
    if (prompt.isEmpty()) {
      throw new MalformedMessageException("prompt is empty: give it at least one character");
    }
    return prompt;
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
