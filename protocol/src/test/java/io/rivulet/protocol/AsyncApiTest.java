package io.rivulet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds the AsyncAPI document against what travels. */
class AsyncApiTest {

  private static final JsonNode DOCUMENT = read();

  /** Fields that the JSON has besides, since other servers have them. */
  private static final Map<Class<?>, Map<String, String>> BESIDES =
      Map.of(
          GenerationRequest.class, Map.of("logprobs", "boolean"),
          TokenEvent.class, Map.of("usage.total_tokens", "integer"));

  private static JsonNode read() {
    try (var document = AsyncApiTest.class.getResourceAsStream("asyncapi.json")) {
      return new JsonMapper().readTree(document);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        GenerationRequest.class,
        TokenEvent.class,
        SparsityReport.class,
        NodeReport.class,
        Cancel.class
      })
  void hasEachComponentOfTheRecordsAndNothingElse(Class<?> record) {
    var expected = JsonOutline.ofRecord(DOCUMENT, record);
    expected.putAll(BESIDES.getOrDefault(record, Map.of()));

    assertEquals(lines(expected), lines(JsonOutline.ofSchema(DOCUMENT, record.getSimpleName())));
  }

  private static String lines(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> field.getKey() + ": " + field.getValue())
        .collect(Collectors.joining("\n"));
  }

  static Stream<Map.Entry<String, byte[]>> messages() {
    var least = GenerationRequest.of("x").build();
    var most =
        GenerationRequest.of(List.of(new ChatMessage("user", "hi")))
            .id("a")
            .model("m")
            .maxTokens(9)
            .seed(-1)
            .logitBias(Map.of(3, -1.5))
            .stop(List.of("."))
            .stopTokenIds(List.of(2))
            .topLogprobs(2)
            .sparsity(Sparsity.EXACT)
            .deadline(Instant.EPOCH)
            .build();
    return Stream.of(
        Map.entry("GenerationRequest", least.toJson()),
        Map.entry("GenerationRequest", most.toJson()),
        Map.entry("TokenEvent", Reports.token().toJson()),
        Map.entry("TokenEvent", Reports.end().toJson()),
        Map.entry("SparsityReport", Reports.sparsity(2).toJson()),
        Map.entry("NodeReport", Reports.node().toJson()),
        Map.entry("Cancel", new Cancel("a").toJson()));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void allowsWhatIsSent(Map.Entry<String, byte[]> message) {
    JsonNode schema = DOCUMENT.at("/components/messages/" + message.getKey() + "/payload");
    JsonNode value = new JsonMapper().readTree(message.getValue());

    assertEquals(List.of(), SchemaCheck.problems(DOCUMENT, schema, value));
  }

  @ParameterizedTest
  @EnumSource(MessageType.class)
  void hasTheHeadersOfEachType(MessageType type) {
    JsonNode schema =
        DOCUMENT
            .at("/components/messages")
            .valueStream()
            .map(message -> message.get("headers"))
            .filter(
                headers -> headers.at("/properties/ce_type/const").asString("").equals(type.type()))
            .collect(Collectors.collectingAndThen(Collectors.toList(), List::getFirst));
    var headers = new RecordHeaders();
    CloudEvents.add(headers, type, "/rivulet/nodes/a", "1", Instant.EPOCH);

    if (type == MessageType.TOKEN) {
      headers.add("rivulet_prompt", new byte[] {120});
    }

    assertEquals(List.of(), SchemaCheck.problems(DOCUMENT, schema, json(headers)));
    var required = texts(schema.get("required"));
    assertEquals(names(headers), required);
  }

  @Test
  void hasTheHeadersOfDeadLetters() {
    JsonNode schema = DOCUMENT.at("/components/messages/DeadLetter/headers");

    assertEquals(new TreeSet<>(DeadLetter.HEADERS), texts(schema.get("required")));
    assertEquals(
        new TreeSet<>(DeadLetter.HEADERS), new TreeSet<>(schema.get("properties").propertyNames()));
  }

  @Test
  void namesTheTopicsAndWhatIsInThem() {
    var topics = Topics.DEFAULT;
    var expected =
        Map.of(
            topics.prompts(), Set.of("GenerationRequest"),
            topics.tokens(), Set.of("TokenEvent"),
            topics.telemetry(), Set.of("SparsityReport", "NodeReport"),
            topics.control(), Set.of("Cancel"),
            topics.deadLetters(), Set.of("DeadLetter"));
    var channels = new HashMap<String, Set<String>>();
    DOCUMENT
        .get("channels")
        .forEach(
            channel ->
                channels.put(
                    channel.get("address").stringValue(),
                    Set.copyOf(channel.get("messages").propertyNames())));

    assertEquals(expected, channels);
  }

  @Test
  void refersToNothingThatIsMissing() {
    List<String> references = DOCUMENT.findValuesAsString("$ref");

    assertTrue(references.size() > 20);
    for (String reference : references) {
      assertTrue(!DOCUMENT.at(reference.substring(1)).isMissingNode(), reference);
    }
  }

  private static JsonNode json(RecordHeaders headers) {
    var json = new JsonMapper().createObjectNode();
    headers.forEach(
        header -> json.put(header.key(), CloudEvents.text(headers, header.key()).orElseThrow()));
    return json;
  }

  private static Set<String> names(RecordHeaders headers) {
    return StreamSupport.stream(headers.spliterator(), false)
        .map(Header::key)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> texts(JsonNode array) {
    return array
        .valueStream()
        .map(JsonNode::stringValue)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
