package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.rivulet.broker.RunningBroker;
import io.rivulet.otlp.OtlpSettings;
import io.rivulet.protocol.CloudEvents;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a node sends to an OpenTelemetry collector, as one hears it. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class OtlpTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";

  @RegisterExtension private static final RunningBroker broker = new RunningBroker();

  @Test
  void aGenerationIsASpanWithItsPhasesAndLinksToItsPrompts() throws Exception {
    var topics = new Topics("spans.");
    try (var collector = new Collector()) {
      List<ConsumerRecord<byte[], byte[]>> tokens =
          serve(
              topics,
              collector,
              "{\"id\":\"a\",\"prompt\":\"secret text\",\"max_tokens\":3,\"seed\":7}",
              4);

      List<Span> spans = collector.spans();
      Span generation = named("text_completion paced", spans);
      assertEquals(ByteString.EMPTY, generation.getParentSpanId());
      assertEquals(
          List.of(TRACE + "/" + SPAN + "/v=1"),
          generation.getLinksList().stream()
              .map(
                  link ->
                      hex(link.getTraceId())
                          + "/"
                          + hex(link.getSpanId())
                          + "/"
                          + link.getTraceState())
              .toList());
      assertNotEquals(TRACE, hex(generation.getTraceId()));
      for (String phase : List.of("prefill", "decode")) {
        Span child = named(phase, spans);
        assertEquals(generation.getSpanId(), child.getParentSpanId());
        assertEquals(generation.getTraceId(), child.getTraceId());
        assertTrue(child.getStartTimeUnixNano() >= generation.getStartTimeUnixNano(), phase);
      }
      Map<String, AnyValue> attributes = attributes(generation.getAttributesList());
      assertEquals("text_completion", attributes.get("gen_ai.operation.name").getStringValue());
      assertEquals("rivulet", attributes.get("gen_ai.provider.name").getStringValue());
      assertEquals("paced", attributes.get("gen_ai.response.model").getStringValue());
      assertEquals("a", attributes.get("gen_ai.response.id").getStringValue());
      assertEquals(7, attributes.get("gen_ai.request.seed").getIntValue());
      assertEquals(3, attributes.get("gen_ai.request.max_tokens").getIntValue());
      assertEquals(11, attributes.get("gen_ai.usage.input_tokens").getIntValue());
      assertEquals(3, attributes.get("gen_ai.usage.output_tokens").getIntValue());
      assertEquals(0.5, attributes.get("rivulet.sparsity.density").getDoubleValue());
      assertTrue(
          spans.stream().noneMatch(span -> span.toString().contains("secret")), spans.toString());
      for (ConsumerRecord<byte[], byte[]> token : tokens) {
        String context = CloudEvents.text(token.headers(), "traceparent").orElseThrow();
        assertTrue(
            context.startsWith(
                "00-%s-%s-".formatted(hex(generation.getTraceId()), hex(generation.getSpanId()))),
            context);
      }
      assertEquals(
          Set.of("rivulet"),
          collector.senders().stream()
              .map(sender -> attributes(sender.getAttributesList()).get("service.name"))
              .map(AnyValue::getStringValue)
              .collect(Collectors.toSet()));
    }
  }

  @Test
  void aRefusedRequestsSpanIsAnError() throws Exception {
    var topics = new Topics("refused.");
    try (var collector = new Collector()) {
      serve(topics, collector, "{\"id\":\"b\",\"prompt\":\"x\",\"model\":\"none-such\"}", 1);

      Span generation = named("text_completion paced", collector.spans());
      assertEquals(Status.StatusCode.STATUS_CODE_ERROR, generation.getStatus().getCode());
      assertEquals(
          "refused", attributes(generation.getAttributesList()).get("error.type").getStringValue());
    }
  }

  @Test
  void metricsAreSentUnderTheConventionsNamesInSeconds() throws Exception {
    var topics = new Topics("metrics.");
    try (var collector = new Collector()) {
      serve(topics, collector, "{\"id\":\"c\",\"prompt\":\"x\",\"max_tokens\":3}", 4);

      Map<String, Metric> metrics = new TreeMap<>();
      collector.metrics().forEach(metric -> metrics.put(metric.getName(), metric));
      Metric firstToken = metrics.get("gen_ai.server.time_to_first_token");
      assertEquals("seconds", firstToken.getUnit());
      var point = firstToken.getHistogram().getDataPoints(0);
      assertEquals(1, point.getCount());
      // Queued for no time and read in a millisecond, as the engine says.
      assertEquals(0.001, point.getSum(), 1e-9);
      assertEquals(1280, point.getExplicitBounds(point.getExplicitBoundsCount() - 1));
      assertTrue(metrics.containsKey("rivulet.sparsity.density"), metrics.keySet().toString());
    }
  }

  /** The records of the answer, once the node is closed and all is sent. */
  private static List<ConsumerRecord<byte[], byte[]>> serve(
      Topics topics, Collector collector, String prompt, int events) throws Exception {
    OtlpSettings settings = OtlpSettings.of(Map.of()).withEndpoint(collector.endpoint());
    NodeOptions options =
        NodeOptions.of(broker.connection(), "paced")
            .withTopics(topics)
            .withGroupId(topics.prefix() + "group")
            .withDrainTimeout(Duration.ofSeconds(10));
    try (var engine = new PacedEngine(Duration.ofMillis(2));
        var _ = Node.start(options, engine, settings);
        var reader = TopicReader.records(broker.bootstrapServers(), topics.tokens())) {
      send(topics, prompt);
      return reader.until(PATIENCE, seen -> seen.size() == events);
    }
  }

  private static void send(Topics topics, String prompt) throws Exception {
    var bytes = new ByteArraySerializer();
    var record = new ProducerRecord<byte[], byte[]>(topics.prompts(), prompt.getBytes(UTF_8));
    record.headers().add("traceparent", "00-%s-%s-01".formatted(TRACE, SPAN).getBytes(UTF_8));
    record.headers().add("tracestate", "v=1".getBytes(UTF_8));
    try (var producer =
        new KafkaProducer<>(broker.connection().producer(Map.of(), Map.of()), bytes, bytes)) {
      producer.send(record).get();
    }
  }

  private static Span named(String name, List<Span> spans) {
    List<Span> found = spans.stream().filter(span -> span.getName().equals(name)).toList();
    assertEquals(1, found.size(), name + " in " + spans.stream().map(Span::getName).toList());
    return found.getFirst();
  }

  private static Map<String, AnyValue> attributes(List<KeyValue> pairs) {
    return pairs.stream().collect(Collectors.toMap(KeyValue::getKey, KeyValue::getValue));
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
