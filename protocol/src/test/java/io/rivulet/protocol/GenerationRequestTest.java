package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
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
            .seed(-9)
            .sparsity(Sparsity.OFF)
            .deadline(Instant.parse("2026-01-31T12:00:00.5Z"))
            .includeUsage(false)
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
            "x",
            OptionalInt.empty(),
            0.7,
            0.95,
            40,
            0,
            OptionalLong.empty(),
            Sparsity.EXACT,
            Optional.empty(),
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
        "\"logprobs\":false",
        "\"n\":1",
        "\"repetition_penalty\":1.0",
        "\"presence_penalty\":0",
        "\"messages\":null",
        "\"logit_bias\":{}"
      })
  void takesFieldsThatAskForNothing(String field) {
    assertEquals(GenerationRequest.of("x").build(), read("{\"prompt\":\"x\"," + field + "}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"stop\":[\"a\"]",
        "\"stop\":\"a\"",
        "\"logprobs\":true",
        "\"logprobs\":5",
        "\"n\":2",
        "\"repetition_penalty\":1.1",
        "\"messages\":[{\"role\":\"user\"}]",
        "\"priority\":3"
      })
  void refusesWhatItCannotHonour(String field) {
    String name = field.substring(1, field.indexOf('"', 1));

    assertEquals(
        name + " is not supported by this version: leave it out",
        refusal("{\"prompt\":\"x\"," + field + "}"));
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
        "sparsity|\"predicted\"|sparsity must be one of off, exact, was \"predicted\"",
        "sparsity|true|sparsity must be one of off, exact, was true",
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

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "hello", "{\"prompt\":\"x\"} {}", "{\"id\":\"a\",\"id\":\"b\"}"})
  void refusesWhatIsNotOneJsonObject(String value) {
    String message = refusal(value);

    assertEquals("the request", message.substring(0, 11), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void refusesPromptsThatAreMissingEmptyOrOfAnotherType() {
    assertEquals("prompt is missing", refusal("{}"));
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
    var builder = GenerationRequest.of("x").topP(0);

    var refusal = assertThrows(IllegalArgumentException.class, builder::build);

    assertEquals("top_p must be over 0 and at most 1, was 0.0", refusal.getMessage());
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
