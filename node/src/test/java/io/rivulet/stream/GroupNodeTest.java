package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.engine.AuditBounds;
import io.rivulet.engine.Engine;
import io.rivulet.engine.EngineLoad;
import io.rivulet.engine.Generation;
import io.rivulet.engine.GenerationInput;
import io.rivulet.engine.GenerationListener;
import io.rivulet.engine.GenerationTask;
import io.rivulet.engine.NeuronActivity;
import io.rivulet.protocol.DeadLetter;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes that take prompts as a consumer group, and readers that see what is committed. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class GroupNodeTest {

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static EmbeddedBroker broker;
  private KafkaConnection kafka;
  private Topics topics;

  @BeforeAll
  static void startBroker() {
    broker =
        EmbeddedBroker.start(
            new EmbeddedBroker.Options(
                0,
                Map.of(
                    "group.consumer.min.heartbeat.interval.ms", "500",
                    "group.consumer.heartbeat.interval.ms", "500")));
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void nameTopics(TestInfo test) {
    kafka = KafkaConnection.to(broker.bootstrapServers());
    topics = new Topics(test.getTestMethod().orElseThrow().getName() + ".");
  }

  @Test
  void streamsEachTokenOnce() {
    try (var engine = new PacedEngine(Duration.ofMillis(5));
        var _ = Node.start(options(), engine);
        var client = client();
        var reader = tokens()) {
      for (int i = 0; i < 12; i++) {
        client.send(GenerationRequest.of("prompt " + i).id("r" + i).maxTokens(20).build());
      }

      var events = reader.until(PATIENCE, seen -> seen.size() >= 12 * 21);

      for (int i = 0; i < 12; i++) {
        assertWhole("r" + i, 20, 1, events);
      }
    }
  }

  @Test
  void aFullNodePollsOnAndStaysAMember() {
    kafka = connection("consumer.max.poll.interval.ms", "4000");
    try (var engine = new PacedEngine(Duration.ofMillis(100));
        var _ = Node.start(options().withPartitions(1).withSlots(1), engine);
        var client = client();
        var reader = tokens()) {
      client.send(GenerationRequest.of("long").id("long").maxTokens(60).build());
      client.send(GenerationRequest.of("next").id("next").maxTokens(2).build());

      var events = reader.until(PATIENCE, seen -> seen.size() >= 61 + 3);

      assertWhole("long", 60, 1, events);
      assertWhole("next", 2, 1, events);
    }
  }

  @Test
  void aPromptThatHoldsUpItsPartitionHoldsUpNoOther() throws Exception {
    var options = options().withIntake(options().intake().withAttempts(1000)).withSlots(32);
    try (var engine = new Choosy(new PacedEngine(Duration.ofMillis(1)));
        var _ = Node.start(options.withPartitions(2).withDrainTimeout(Duration.ZERO), engine);
        var reader = tokens()) {
      send(
          0,
          IntStream.range(0, Progress.WINDOW + 40)
              .mapToObj(i -> prompt("r" + i, i == 0 ? Choosy.DISLIKED : "x"))
              .toList());
      reader.until(PATIENCE, seen -> Streams.ended(seen).size() == Progress.WINDOW - 1);
      send(1, List.of(prompt("other", "x")));

      var events = reader.until(PATIENCE, seen -> Streams.ended(seen).contains("other"));

      assertEquals(Progress.WINDOW, Streams.ended(events).size());
    }
  }

  private static String prompt(String id, String prompt) {
    return "{\"id\":\"" + id + "\",\"prompt\":\"" + prompt + "\",\"max_tokens\":1}";
  }

  @Test
  void setsAsideWhatItCannotReadAndGoesOn() throws Exception {
    try (var engine = new PacedEngine(Duration.ofMillis(2));
        var _ = Node.start(options().withPartitions(1), engine);
        var reader = tokens();
        var letters = TopicReader.committed(broker.bootstrapServers(), topics.deadLetters())) {
      send(
          0,
          List.of(
              "not json",
              "{\"id\":\"long\",\"prompt\":\"x\",\"max_tokens\":1001}",
              prompt("good", "x")));

      var refused = letters.until(PATIENCE, seen -> seen.size() == 2);
      var events = reader.until(PATIENCE, seen -> seen.size() == 3);

      assertEquals("not json", new String(refused.getFirst().value(), UTF_8));
      assertEquals(
          "max_tokens must be at most 1000, was 1001",
          DeadLetter.read(refused.getLast().headers()).orElseThrow().message());
      assertWhole("good", 1, 1, events);
      assertEquals(
          FinishReason.ERROR,
          of("long", events).getFirst().completion().orElseThrow().finishReason());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"consumer", "classic"})
  void closingHandsOnWhatItCannotFinishToGoOnAtTheNextToken(String protocol) {
    topics = new Topics("closing-" + protocol + ".");
    kafka = connection("consumer.group.protocol", protocol);
    try (var slow = new PacedEngine(Duration.ofMillis(100));
        var fast = new PacedEngine(Duration.ofMillis(2))) {
      var first =
          Node.start(options().withPartitions(1).withDrainTimeout(Duration.ofMillis(300)), slow);
      try (var client = client();
          var reader = tokens()) {
        client.send(GenerationRequest.of("a").id("a").maxTokens(300).build());
        client.send(GenerationRequest.of("b").id("b").maxTokens(2).build());
        client.send(GenerationRequest.of("c").id("c").maxTokens(300).build());
        reader.until(PATIENCE, seen -> seen.size() >= 8);
        first.close();

        try (var second = Node.start(options().withPartitions(1), fast)) {
          var events = reader.until(PATIENCE, seen -> seen.size() == 2 * 301 + 3);

          for (String id : List.of("a", "c")) {
            assertWhole(id, 300, 2, events);
            assertEquals(
                List.of(first.id(), second.id()),
                of(id, events).stream().map(TokenEvent::node).distinct().toList());
          }
          assertWhole("b", 2, 1, events);
        }
      }
    }
  }

  @Test
  void doesNotAnswerAgainWhatWasFinishedOutOfOrder() throws Exception {
    NodeOptions options = options().withPartitions(1).withDrainTimeout(Duration.ZERO);
    try (var engine = new PacedEngine(Duration.ofMillis(10))) {
      try (var _ = Node.start(options, engine);
          var reader = tokens()) {
        send(0, List.of(prompt("long", 200), prompt("short", 2)));
        reader.until(PATIENCE, seen -> Streams.ended(seen).contains("short"));
      }
      // It takes one at a time: the short one is delivered to it when the long one is done.
      try (var _ = Node.start(options.withSlots(1), engine);
          var reader = tokens()) {
        send(0, List.of(prompt("last", 2)));
        var events = reader.until(PATIENCE, seen -> Streams.ended(seen).contains("last"));

        assertWhole("short", 2, 1, events);
        assertWhole("long", 200, 2, events);
        assertWhole("last", 2, 1, events);
      }
    }
  }

  @Test
  void setsAsideAPromptAfterSoManyAttemptsThatCameToNothing() {
    var options = options().withIntake(options().intake().withAttempts(2));
    try (var engine = new Choosy(new PacedEngine(Duration.ofMillis(2)));
        var _ = Node.start(options.withPartitions(1), engine);
        var client = client();
        var reader = tokens();
        var letters = TopicReader.committed(broker.bootstrapServers(), topics.deadLetters())) {
      client.send(GenerationRequest.of(Choosy.DISLIKED).id("poison").maxTokens(5).build());
      client.send(GenerationRequest.of("good").id("good").maxTokens(5).build());

      var events = reader.until(PATIENCE, seen -> Streams.ended(seen).size() == 2);
      var letter = letters.until(PATIENCE, seen -> !seen.isEmpty()).getFirst();

      assertWhole("good", 5, 1, events);
      assertEquals(
          Optional.of("none of 2 attempts in a row brought a token: given up"),
          of("poison", events).getLast().completion().orElseThrow().error());
      assertEquals("admit", DeadLetter.read(letter.headers()).orElseThrow().stage());
      assertTrue(
          events.indexOf(of("good", events).getLast())
              < events.indexOf(of("poison", events).getLast()),
          "the good prompt does not wait for the bad one");
    }
  }

  /** An engine that never gets to the end of one prompt. */
  private record Choosy(Engine engine) implements Engine {

    static final String DISLIKED = "poison";

    @Override
    public Generation submit(GenerationTask task, GenerationListener listener) {
      if (task.input().equals(new GenerationInput.Text(DISLIKED))) {
        throw new IllegalStateException("not again");
      }
      return engine.submit(task, listener);
    }

    @Override
    public EngineLoad load() {
      return engine.load();
    }

    @Override
    public List<NeuronActivity> layerActivity() {
      return engine.layerActivity();
    }

    @Override
    public CompletionStage<String> failed() {
      return engine.failed();
    }

    @Override
    public Duration stalled() {
      return engine.stalled();
    }

    @Override
    public List<Integer> fallenBack() {
      return engine.fallenBack();
    }

    @Override
    public List<AuditBounds> auditBounds() {
      return engine.auditBounds();
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  @Test
  void aNodeThatJoinsTakesOverInTheMidst() {
    try (var slow = new PacedEngine(Duration.ofMillis(20));
        var first = Node.start(options().withPartitions(2), slow);
        var client = client();
        var reader = tokens()) {
      for (int i = 0; i < 4; i++) {
        client.send(GenerationRequest.of("x" + i).id("r" + i).maxTokens(400).build());
      }
      reader.until(PATIENCE, seen -> seen.size() >= 40);
      try (var fast = new PacedEngine(Duration.ofMillis(2));
          var second = Node.start(options().withPartitions(2), fast)) {
        var events = reader.until(PATIENCE, seen -> seen.size() >= 4 * 401);

        assertEquals(
            Set.of(first.id(), second.id()),
            Set.copyOf(events.stream().map(TokenEvent::node).toList()));
        for (int i = 0; i < 4; i++) {
          var attempts = of("r" + i, events).stream().mapToInt(TokenEvent::attempt).max();
          assertWhole("r" + i, 400, attempts.getAsInt(), events);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"consumer", "classic"})
  void aStaticMemberThatComesBackHasItsPartitionsStill(String protocol) throws Exception {
    topics = new Topics("static-" + protocol + ".");
    kafka = connection("consumer.group.protocol", protocol);
    NodeOptions options = options().withPartitions(2).withDrainTimeout(Duration.ofMillis(300));
    NodeOptions named =
        options.withNodeId("a").withIntake(options.intake().withInstanceId("one-of-two"));
    try (var slow = new PacedEngine(Duration.ofMillis(100));
        var _ = Node.start(options.withNodeId("b"), slow);
        var reader = tokens()) {
      Node first = Node.start(named, slow);
      int mine = partitionOf("a");
      send(mine, List.of(prompt("mine", 60)));
      reader.until(PATIENCE, seen -> seen.size() >= 3);
      first.close();
      // Heartbeats enough for the other one to learn that it has both, if it had.
      send(1 - mine, List.of(prompt("other", 50)));
      reader.until(PATIENCE, seen -> Streams.ended(seen).contains("other"));
      try (var _ = Node.start(named, slow)) {
        var events = reader.until(PATIENCE, seen -> Streams.ended(seen).size() == 2);

        assertWhole("other", 50, 1, events);
        assertWhole("mine", 60, 2, events);
        assertEquals(
            Set.of("a"), Set.copyOf(of("mine", events).stream().map(TokenEvent::node).toList()));
      }
    }
  }

  @Test
  void aMemberMayHaveOnlyANameThatKafkaTakes() {
    var error =
        assertThrows(
            IllegalArgumentException.class, () -> options().intake().withInstanceId("one of two"));

    assertEquals(
        "the group instance id must be 1 to 249 letters, digits, dots, underscores or hyphens, was"
            + " 'one of two'",
        error.getMessage());
  }

  private static String prompt(String id, int tokens) {
    return "{\"id\":\"" + id + "\",\"prompt\":\"x\",\"max_tokens\":" + tokens + "}";
  }

  /** The one partition that the node has once its group is in balance. */
  private int partitionOf(String node) throws Exception {
    String group = options().intake().groupId();
    try (Admin admin = kafka.admin()) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() - deadline < 0) {
        var partitions =
            admin.describeConsumerGroups(List.of(group)).all().get().get(group).members().stream()
                .filter(member -> member.clientId().equals(node))
                .flatMap(member -> member.assignment().topicPartitions().stream())
                .toList();
        if (partitions.size() == 1) {
          return partitions.getFirst().partition();
        }
        Thread.sleep(100);
      }
      throw new AssertionError("the group does not come into balance");
    }
  }

  private static KafkaConnection connection(String property, String value) {
    return new KafkaConnection(
        broker.bootstrapServers(), Map.of(property, value), KafkaConnection.DEFAULT_TIMEOUT);
  }

  private NodeOptions options() {
    return NodeOptions.of(kafka, "test")
        .withTopics(topics)
        .withIntake(
            IntakeOptions.DEFAULT.withKind(IntakeKind.GROUP).withGroupId(topics.prefix() + "group"))
        .withDrainTimeout(Duration.ofSeconds(5));
  }

  private RivuletClient client() {
    return RivuletClient.connect(new RivuletClient.Options(kafka, topics, PATIENCE));
  }

  private TopicReader<TokenEvent> tokens() {
    return TopicReader.committedTokens(broker.bootstrapServers(), topics);
  }

  private void send(int partition, List<String> values) throws Exception {
    var bytes = new ByteArraySerializer();
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()), bytes, bytes)) {
      var sent = new ArrayList<Future<RecordMetadata>>();
      for (String value : values) {
        sent.add(
            producer.send(
                new ProducerRecord<>(topics.prompts(), partition, null, value.getBytes(UTF_8))));
      }
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    }
  }

  private static List<TokenEvent> of(String id, List<TokenEvent> events) {
    return events.stream().filter(event -> event.id().equals(id)).toList();
  }

  /** Each token once and in order, then one end. */
  private static void assertWhole(String id, int tokens, int attempts, List<TokenEvent> events) {
    var own = of(id, events);
    assertEquals(
        IntStream.rangeClosed(0, tokens).boxed().toList(),
        own.stream().map(TokenEvent::index).toList(),
        id);
    assertEquals(1, own.stream().filter(TokenEvent::terminal).count());
    assertTrue(own.getLast().terminal());
    assertEquals(attempts, own.getLast().attempt());
    assertEquals(
        tokens, own.getLast().completion().orElseThrow().usage().orElseThrow().completionTokens());
  }
}
