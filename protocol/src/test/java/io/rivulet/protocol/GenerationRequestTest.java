package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationRequestTest {

  @Test
  void readsWhatItWrites() {
    var request =
        GenerationRequest.of("Am Anfang — \"war\"\n☕")
            .id("a-1")
            .model("tiny")
            .maxTokens(7)
            .temperature(0)
            .topP(0.5)
            .topK(3)
            .minP(0.25)
            .repetitionPenalty(1.25)
            .frequencyPenalty(-0.5)
            .presencePenalty(1.5)
            .logitBias(Map.of(17, -100.0, 4, 2.5))
            .seed(-9)
            .stop(List.of("\n\n", "☕"))
            .stopTokenIds(List.of(3, 5))
            .minTokens(2)
            .ignoreEos(true)
            .topLogprobs(4)
            .sparsity(Sparsity.OFF)
            .deadline(Instant.parse("2026-01-31T12:00:00.5Z"))
            .priority(-3)
            .includeUsage(false)
            .build();

    assertEquals(request, GenerationRequest.fromJson(request.toJson()));
  }

  @Test
  void readsTheChatItWrites() {
    var request =
        GenerationRequest.of(
                List.of(
                    new ChatMessage("system", "Be brief."),
                    new ChatMessage("user", "Wer \"da\"? ☕"),
                    new ChatMessage("assistant", "")))
            .build();

    assertEquals(request, GenerationRequest.fromJson(request.toJson()));
  }

  @Test
  void takesTheDocumentedDefaults() {
    var request = read("{\"prompt\":\"x\"}");

    assertEquals(
        new GenerationRequest(
            Optional.empty(),
            Optional.empty(),
            new Input.Text("x"),
            OptionalInt.empty(),
            new Sampling(0.7, 0.95, 40, 0, 1, 0, 0, Map.of(), OptionalLong.empty()),
            new Stop(List.of(), List.of(), 0, false),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            true),
        request);
  }

  @Test
  void ignoresUnknownFieldsAndTakesNullForAbsent() {
    var request =
        read(
            "{\"prompt\":\"x\",\"user\":{\"a\":[1]},\"stream\":true,\"id\":null,\"max_tokens\":null}");

    assertEquals(GenerationRequest.of("x").build(), request);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"stop\":[]",
        "\"stop\":null",
        "\"stop_token_ids\":[]",
        "\"min_tokens\":0",
        "\"ignore_eos\":false",
        "\"logprobs\":false",
        "\"top_logprobs\":0",
        "\"n\":1",
        "\"repetition_penalty\":1.0",
        "\"presence_penalty\":0",
        "\"messages\":null",
        "\"logit_bias\":{}",
        "\"tools\":[]"
      })
  void takesFieldsThatAskForNothing(String field) {
    assertEquals(GenerationRequest.of("x").build(), read("{\"prompt\":\"x\"," + field + "}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"n\":2",
        "\"best_of\":3",
        "\"response_format\":{\"type\":\"json_object\"}",
        "\"tools\":[{}]"
      })
  void refusesWhatItCannotHonour(String field) {
    String name = field.substring(1, field.indexOf('"', 1));

    assertEquals(
        name + " is not supported by this version: leave it out",
        refusal("{\"prompt\":\"x\"," + field + "}"));
  }

  @Test
  void takesOneStopStringWithoutAList() {
    assertEquals(List.of("a"), read("{\"prompt\":\"x\",\"stop\":\"a\"}").stop().strings());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"logprobs\":true|0",
        "\"logprobs\":true,\"top_logprobs\":20|20",
        "\"logprobs\":0|0",
        "\"logprobs\":5|5",
        "\"logprobs\":5,\"top_logprobs\":5|5",
      })
  void takesLogprobsAsChatAndAsCompletionsAskForThem(String fields, int top) {
    assertEquals(OptionalInt.of(top), read("{\"prompt\":\"x\"," + fields + "}").topLogprobs());
  }

  @Test
  void joinsTheTextPartsOfAMessageByLines() {
    var request =
        read(
            "{\"messages\":[{\"role\":\"user\",\"name\":\"N\",\"content\":["
                + "{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}]}");

    assertEquals(new Input.Chat(List.of(new ChatMessage("user", "a\nb"))), request.input());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|messages is empty: give it at least one message",
        "5|messages must be a list, was 5",
        "[5]|messages[0] must be an object, was 5",
        "[{\"role\":\"user\"}]|messages[0].content is missing",
        "[{\"role\":\"user\",\"content\":null}]|messages[0].content is missing",
        "[{\"content\":\"a\"}]|messages[0].role is missing",
        "[{\"role\":1,\"content\":\"a\"}]|messages[0].role must be a string, was 1",
        "[{\"role\":\"\",\"content\":\"a\"}]|messages[0].role must be 1 to 64 characters, was 0"
            + " long",
        "[{\"role\":\"user\",\"content\":{}}]|messages[0].content must be a string, was {}",
        "[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{}}]}]|messages[0].content[0].type"
            + " must be text, the model reads nothing else; was image_url",
        "[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]|"
            + "messages[0].content[0].text is missing",
        "[{\"role\":\"user\",\"content\":[\"a\"]}]|"
            + "messages[0].content[0] must be an object, was \"a\"",
      })
  void namesWhatIsWrongWithMessages(String messages, String message) {
    assertEquals(message, refusal("{\"messages\":" + messages + "}"));
  }

  @Test
  void refusesMoreMessagesThanAChatHas() {
    String message = "{\"role\":\"user\",\"content\":\"a\"},";

    assertEquals(
        "messages must have at most 4096 elements, had 4097",
        refusal("{\"messages\":[" + message.repeat(4096) + message.replace("},", "}") + "]}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "max_tokens|0|max_tokens must be a whole number from 1 to 16777216, was 0",
        "max_tokens|-3|max_tokens must be a whole number from 1 to 16777216, was -3",
        "max_tokens|1.5|max_tokens must be a whole number from 1 to 16777216, was 1.5",
        "max_tokens|\"5\"|max_tokens must be a whole number from 1 to 16777216, was \"5\"",
        "max_tokens|99999999999999999999|max_tokens must be a whole number from 1 to 16777216,"
            + " was 99999999999999999999",
        "temperature|-0.1|temperature must be a number from 0 to 100, was -0.1",
        "temperature|\"hot\"|temperature must be a number from 0 to 100, was \"hot\"",
        "top_p|1.01|top_p must be a number from 0 to 1, was 1.01",
        "top_p|0|top_p must be over 0 and at most 1, was 0.0",
        "top_k|-1|top_k must be a whole number from 0 to 16777216, was -1",
        "min_p|2|min_p must be a number from 0 to 1, was 2",
        "min_p|1e999|min_p must be a number from 0 to 1, was \"Infinity\"",
        "repetition_penalty|0|repetition_penalty must be a number from 0.01 to 100, was 0",
        "repetition_penalty|\"1\"|repetition_penalty must be a number from 0.01 to 100, was \"1\"",
        "frequency_penalty|2.5|frequency_penalty must be a number from -2 to 2, was 2.5",
        "presence_penalty|-3|presence_penalty must be a number from -2 to 2, was -3",
        "presence_penalty|true|presence_penalty must be a number from -2 to 2, was true",
        "logit_bias|[1]|logit_bias must be an object, was [1]",
        "logit_bias|{\"17\":101}|logit_bias.17 must be a number from -100 to 100, was 101",
        "logit_bias|{\"17\":\"a\"}|logit_bias.17 must be a number from -100 to 100, was \"a\"",
        "logit_bias|{\"17\":null}|logit_bias.17 is missing",
        "logit_bias|{\"the\":1}|logit_bias.the must be named by a token id, such as 17",
        "logit_bias|{\"-1\":1}|logit_bias.-1 must be named by a token id, such as 17",
        "logit_bias|{\"7\":1,\"07\":1}|logit_bias names token 07 twice",
        "stop|5|stop must be a list, was 5",
        "stop|[\"a\",5]|stop[1] must be a string, was 5",
        "stop|\"\"|a stop string must be 1 to 256 characters, was 0 long",
        "stop|[\"a\",\"\"]|a stop string must be 1 to 256 characters, was 0 long",
        "stop|\"\\ud83d\"|a stop string must be of whole characters, was cut within a character",
        "stop_token_ids|3|stop_token_ids must be a list, was 3",
        "stop_token_ids|[3,-1]|stop_token_ids[1] must be a token id, was -1",
        "stop_token_ids|[1.5]|stop_token_ids[0] must be a token id, was 1.5",
        "min_tokens|-1|min_tokens must be a whole number from 0 to 16777216, was -1",
        "ignore_eos|1|ignore_eos must be true or false, was 1",
        "logprobs|\"yes\"|logprobs must be true or false, was \"yes\"",
        "logprobs|21|logprobs must be a whole number from 0 to 20, was 21",
        "logprobs|-1|logprobs must be a whole number from 0 to 20, was -1",
        "top_logprobs|21|top_logprobs must be a whole number from 0 to 20, was 21",
        "top_logprobs|3|top_logprobs needs logprobs: make logprobs true",
        "sparsity|\"some\"|sparsity must be one of off, exact, threshold, predicted, was \"some\"",
        "sparsity|true|sparsity must be one of off, exact, threshold, predicted, was true",
        "model|5|model must be a string, was 5",
        "id|\"\"|id must be 1 to 200 characters, was 0 long",
        "deadline|\"soon\"|deadline must be an instant such as 2026-01-31T12:00:00Z, was \"soon\"",
        "stream_options|1|stream_options must be an object, was 1",
        "stream_options|{\"include_usage\":1}|stream_options.include_usage must be true or false,"
            + " was 1",
      })
  void namesFieldRangeAndValue(String field, String value, String message) {
    assertEquals(message, refusal("{\"prompt\":\"x\",\"" + field + "\":" + value + "}"));
  }

  @Test
  void refusesGiantLists() {
    assertEquals(
        "stop must have at most 16 elements, had 17",
        refusal("{\"prompt\":\"x\",\"stop\":[" + "\"a\",".repeat(16) + "\"a\"]}"));
    assertEquals(
        "a stop string must be 1 to 256 characters, was 257 long",
        refusal("{\"prompt\":\"x\",\"stop\":\"" + "a".repeat(257) + "\"}"));
    assertEquals(
        "stop_token_ids must have at most 64 elements, had 65",
        refusal("{\"prompt\":\"x\",\"stop_token_ids\":[" + "1,".repeat(64) + "1]}"));
    String biases =
        IntStream.range(0, 1025)
            .mapToObj(id -> "\"" + id + "\":1")
            .collect(Collectors.joining(","));
    assertEquals(
        "logit_bias must have at most 1024 elements, had 1025",
        refusal("{\"prompt\":\"x\",\"logit_bias\":{" + biases + "}}"));
  }

  @Test
  void refusesFieldsThatContradictEachOther() {
    assertEquals(
        "min_tokens must be at most max_tokens, 4, was 5",
        refusal("{\"prompt\":\"x\",\"max_tokens\":4,\"min_tokens\":5}"));
    assertEquals(
        "logprobs and top_logprobs are two numbers: make logprobs true",
        refusal("{\"prompt\":\"x\",\"logprobs\":2,\"top_logprobs\":3}"));
    assertEquals(
        "prompt and messages are both there: send one of them",
        refusal("{\"prompt\":\"x\",\"messages\":[]}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "hello", "{\"prompt\":\"x\"} {}", "{\"id\":\"a\",\"id\":\"b\"}"})
  void refusesWhatIsNotOneJsonObject(String value) {
    String message = refusal(value);

    assertEquals("the request", message.substring(0, 11), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void refusesPromptsThatAreMissingEmptyOrOfAnotherType() {
    assertEquals("prompt is missing: send prompt or messages", refusal("{}"));
    assertEquals("prompt is empty: give it at least one character", refusal("{\"prompt\":\"\"}"));
    assertEquals("prompt must be a string, was [\"x\"]", refusal("{\"prompt\":[\"x\"]}"));
    assertEquals("the request must be a JSON object, was [1]", refusal("[1]"));
  }

  @Test
  void refusesOverLongValuesWithoutReadingThem() {
    String value = "{\"prompt\":\"" + "x".repeat(GenerationRequest.MAX_BYTES) + "\"}";

    assertEquals("the request must be at most 524288 bytes, was " + value.length(), refusal(value));
  }

  @Test
  void refusesDeepNesting() {
    assertEquals(
        "the request is not JSON",
        refusal("{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}").substring(0, 23));
  }

  @Test
  void makesOutTheIdOfARequestThatIsRefused() {
    assertEquals(Optional.of("a"), idIn("{\"id\":\"a\",\"max_tokens\":0}"));
    assertEquals(Optional.empty(), idIn("{\"id\":7}"));
    assertEquals(Optional.empty(), idIn("nonsense"));
    assertEquals(Optional.empty(), idIn("{\"id\":\"" + "x".repeat(201) + "\"}"));
  }

  @Test
  void holdsItsBuilderToTheSameRanges() {
    assertBuilderRefuses(
        GenerationRequest.of("x").topP(0), "top_p must be over 0 and at most 1, was 0.0");
    assertBuilderRefuses(
        GenerationRequest.of("x").repetitionPenalty(Double.NaN),
        "repetition_penalty must be 0.01 to 100, was NaN");
    assertBuilderRefuses(
        GenerationRequest.of("x").frequencyPenalty(Double.NEGATIVE_INFINITY),
        "frequency_penalty must be -2 to 2, was -Infinity");
    assertBuilderRefuses(
        GenerationRequest.of("x").logitBias(Map.of(7, Double.NaN)),
        "logit_bias of token 7 must be -100 to 100, was NaN");
    assertBuilderRefuses(
        GenerationRequest.of("x").stopTokenIds(List.of(-1)),
        "an id in stop_token_ids must be at least 0, was -1");
    assertBuilderRefuses(
        GenerationRequest.of("x").topLogprobs(21), "top_logprobs must be from 0 to 20, was 21");
  }

  private static void assertBuilderRefuses(GenerationRequestBuilder builder, String message) {
    var refusal = assertThrows(IllegalArgumentException.class, builder::build);

    assertEquals(message, refusal.getMessage());
  }

  private static Optional<String> idIn(String json) {
    return GenerationRequest.idIn(json.getBytes(UTF_8));
  }

  private static GenerationRequest read(String json) {
    return GenerationRequest.fromJson(json.getBytes(UTF_8));
  }

  private static String refusal(String json) {
    return assertThrows(MalformedMessageException.class, () -> read(json)).getMessage();
  }
}
