package io.rivulet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.RunningBroker;
import io.rivulet.protocol.DeadLetter;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DlqCommandTest {

  private static final byte[] UNREADABLE = {0, (byte) 0xff, '{', 27};

  @RegisterExtension private static final RunningBroker broker = new RunningBroker();

  private Topics topics;

  /** One that cannot be read, one that no node has the model for, and one by another hand. */
  @BeforeEach
  void putLetters(TestInfo test) throws Exception {
    topics = new Topics(test.getTestMethod().orElseThrow().getName() + ".");
    try (var admin = broker.connection().admin()) {
      admin
          .createTopics(
              Stream.of(topics.prompts(), topics.deadLetters())
                  .map(name -> new NewTopic(name, 1, (short) 1))
                  .toList())
          .all()
          .get(30, TimeUnit.SECONDS);
    }
    var bytes = new ByteArraySerializer();
    try (var producer =
        new KafkaProducer<>(broker.connection().producer(Map.of(), Map.of()), bytes, bytes)) {
      producer.send(letter(7, "k1", UNREADABLE, "not JSON:\n\u001b[31mred")).get();
      producer
          .send(letter(8, "k2", "{\"id\":\"b\",\"prompt\":\"x\"}".getBytes(UTF_8), "no model X"))
          .get();
      producer.send(new ProducerRecord<>(topics.deadLetters(), "k3".getBytes(UTF_8), null)).get();
    }
  }

  private ProducerRecord<byte[], byte[]> letter(
      long offset, String key, byte[] value, String reason) {
    var headers = new RecordHeaders();
    headers.add("traceparent", "00-1".getBytes(UTF_8));
    headers.add("own", UNREADABLE);
    var refused =
        new ConsumerRecord<>(
            topics.prompts(),
            0,
            offset,
            0L,
            TimestampType.CREATE_TIME,
            0,
            0,
            key.getBytes(UTF_8),
            value,
            headers,
            Optional.empty());
    return DeadLetter.of(refused, "read", new IllegalStateException(reason))
        .record(refused, topics.deadLetters());
  }

  @Test
  void listsThemOnALineEach() {
    List<String> lines = run("list").lines().toList();

    assertEquals(4, lines.size(), lines.toString());
    assertTrue(lines.get(0).startsWith("0:0 "), lines.get(0));
    assertTrue(
        lines
            .get(0)
            .endsWith(
                "id k1, 4 bytes, from listsThemOnALineEach.prompts 0:7, read: not"
                    + " JSON:\u00b7\u00b7[31mred (java.lang.IllegalStateException)"),
        lines.get(0));
    assertTrue(lines.get(2).endsWith("id k3, 0 bytes, without error headers"), lines.get(2));
    assertEquals("3 dead letters in listsThemOnALineEach.prompts.dlq", lines.get(3));
  }

  @Test
  void listsThemAsJson() {
    List<JsonNode> letters =
        run("list", "--json").lines().map(line -> new JsonMapper().readTree(line)).toList();

    assertEquals(3, letters.size());
    JsonNode second = letters.get(1);
    assertEquals("0:1", second.get("place").stringValue());
    assertEquals("b", second.get("id").stringValue());
    assertEquals(topics.prompts(), second.get("topic").stringValue());
    assertEquals(8, second.get("offset").intValue());
    assertEquals("read", second.get("stage").stringValue());
    assertEquals("java.lang.IllegalStateException", second.get("error").stringValue());
    assertEquals("no model X", second.get("reason").stringValue());
    assertEquals(23, second.get("size").intValue());
    assertTrue(letters.get(2).get("reason").isNull());
  }

  @Test
  void filtersByEachOption() {
    assertEquals(List.of("0:1"), places("--id", "b"));
    assertEquals(List.of("0:0", "0:2"), places("--offset", "0", "--offset", "0:2"));
    assertEquals(List.of("0:1"), places("--reason", "MODEL x"));
    assertEquals(List.of(), places("--reason", "model", "--id", "k1"));
    assertEquals(List.of(), places("--since", "2999-01-01T00:00:00Z"));
    assertEquals(3, places("--since", "2020-01-01T00:00:00Z").size());
  }

  private List<String> places(String... filter) {
    var arguments = Stream.concat(Stream.of("list", "--json"), Arrays.stream(filter));
    return run(arguments.toArray(String[]::new))
        .lines()
        .map(line -> new JsonMapper().readTree(line).get("place").stringValue())
        .toList();
  }

  @Test
  void sendsAllAsTheyFirstCame() {
    String said = run("replay", "--all");

    assertTrue(said.endsWith("3 dead letters sent to " + topics.prompts() + "\n"), said);
    List<ConsumerRecord<byte[], byte[]>> prompts = prompts();
    assertEquals(3, prompts.size());
    ConsumerRecord<byte[], byte[]> first = prompts.getFirst();
    assertEquals("k1", new String(first.key(), UTF_8));
    assertArrayEquals(UNREADABLE, first.value());
    assertEquals(
        List.of("traceparent", "own"),
        StreamSupport.stream(first.headers().spliterator(), false)
            .map(header -> header.key())
            .toList());
    assertArrayEquals(UNREADABLE, first.headers().lastHeader("own").value());
  }

  @Test
  void sendsOnlyThoseThatAreMeant() {
    run("replay", "--reason", "model");

    assertEquals(1, prompts().size());
    assertEquals("k2", new String(prompts().getFirst().key(), UTF_8));
  }

  @Test
  void aDryRunSendsNothing() {
    String said = run("replay", "--all", "--dry-run");

    assertTrue(said.endsWith("3 dead letters would be sent to " + topics.prompts() + "\n"), said);
    assertEquals(List.of(), prompts());
  }

  @Test
  void refusesWhatItCannotDo() {
    assertEquals(2, Rivulet.run(arguments("replay")));
    assertEquals(2, Rivulet.run(arguments("replay", "--all", "--id", "b")));
    assertEquals(2, Rivulet.run(arguments("list", "--offset", "x")));
    assertEquals(2, Rivulet.run("dlq"));
    topics = new Topics("nowhere.");
    assertEquals(1, Rivulet.run(arguments("list")));
  }

  private String run(String... arguments) {
    return CommandOutput.of(arguments(arguments));
  }

  private String[] arguments(String... arguments) {
    var all = new ArrayList<>(List.of("dlq"));
    all.addAll(List.of(arguments));
    all.addAll(
        List.of(
            "--bootstrap-servers", broker.bootstrapServers(), "--topic-prefix", topics.prefix()));
    return all.toArray(String[]::new);
  }

  private List<ConsumerRecord<byte[], byte[]>> prompts() {
    var bytes = new ByteArrayDeserializer();
    var partition = List.of(new TopicPartition(topics.prompts(), 0));
    var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
    try (var consumer =
        new KafkaConsumer<>(broker.connection().consumer(Map.of(), Map.of()), bytes, bytes)) {
      consumer.assign(partition);
      consumer.seekToBeginning(partition);
      long end = consumer.endOffsets(partition).get(partition.getFirst());
      while (consumer.position(partition.getFirst()) < end) {
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }
}
