package io.rivulet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.fleet.Reports;
import io.rivulet.protocol.CloudEvents;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.TelemetryEvent;
import io.rivulet.protocol.TelemetryReader;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TopCommandTest {

  private static final Topics TOPICS = Topics.DEFAULT;

  private static EmbeddedBroker broker;
  private static KafkaConnection kafka;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0));
    kafka = KafkaConnection.to(broker.bootstrapServers());
    try (var admin = kafka.admin()) {
      admin
          .createTopics(List.of(new NewTopic(TOPICS.telemetry(), 3, (short) 1)))
          .all()
          .get(30, TimeUnit.SECONDS);
    }
    Instant now = Instant.now();
    send(now.minusSeconds(3600), Reports.of("long-gone", 1));
    send(now.minusSeconds(20), Reports.of("just-gone", 2));
    send(now, Reports.of("node-a", 69.5));
    send(now, Reports.sparsity("node-a", 0.981, 8, 0.06, 0.95));
    try (var producer = producer()) {
      producer.send(new ProducerRecord<>(TOPICS.telemetry(), "x".getBytes(UTF_8), null)).get();
      producer
          .send(new ProducerRecord<>(TOPICS.telemetry(), "x".getBytes(UTF_8), new byte[] {1}))
          .get();
    }
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @Test
  void printsWhatIsThereWhereThereIsNoTerminal() {
    String output = CommandOutput.of("top", "--bootstrap-servers", broker.bootstrapServers());

    List<String> lines = output.lines().toList();
    assertTrue(lines.get(0).startsWith("1 node, 1 gone, 69.5 tokens/s"), output);
    assertEquals(5, lines.size(), output);
    assertTrue(lines.get(3).contains("just-gone") && lines.get(3).contains("gone, silent"), output);
    assertTrue(lines.get(4).contains("node-a") && lines.get(4).contains("98.1%/90.0%"), output);
  }

  @Test
  void printsAnObjectALineForEachNode() {
    List<JsonNode> nodes =
        CommandOutput.of(
                "top", "--once", "--json", "--bootstrap-servers", broker.bootstrapServers())
            .lines()
            .map(line -> new JsonMapper().readTree(line))
            .toList();

    assertEquals(2, nodes.size());
    assertTrue(nodes.getFirst().get("gone").booleanValue());
    JsonNode node = nodes.getLast();
    assertEquals("node-a", node.get("node").stringValue());
    assertEquals("predicted", node.get("sparsity").stringValue());
    assertEquals(69.5, node.get("tokens_per_second").doubleValue());
    assertEquals(100, node.get("ttft_p50_ms").doubleValue());
    assertEquals(0.9, node.get("recall_floor").doubleValue());
    assertEquals(0.95, node.get("layer_density").get(1).doubleValue());
    assertEquals(1, node.get("fallen_back").get(1).longValue());
    assertTrue(node.get("silent_ms").doubleValue() < 30_000);
  }

  @Test
  void aTopicThatIsNotThereIsNamed() {
    var failure =
        assertThrows(
            KafkaUnavailableException.class,
            () -> TelemetryReader.open(kafka, new Topics("other."), Duration.ZERO));

    assertTrue(failure.getMessage().contains("other.telemetry"), failure.getMessage());
  }

  private static void send(Instant time, TelemetryEvent event) throws Exception {
    try (var producer = producer()) {
      var record =
          new ProducerRecord<>(
              TOPICS.telemetry(),
              null,
              time.toEpochMilli(),
              event.node().getBytes(UTF_8),
              event.toJson());
      CloudEvents.add(record.headers(), event.type(), "/rivulet/nodes/x", "1", event.time());
      producer.send(record).get(30, TimeUnit.SECONDS);
    }
  }

  private static KafkaProducer<byte[], byte[]> producer() {
    var bytes = new ByteArraySerializer();
    return new KafkaProducer<>(kafka.producer(Map.of(), Map.of()), bytes, bytes);
  }
}
