package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.RunningBroker;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.TokenStream;
import io.rivulet.protocol.Topics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 180, unit = TimeUnit.SECONDS)
class NodeHealthTest {

  private static final Duration FAST = Duration.ofMillis(2);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @RegisterExtension private static final RunningBroker broker = new RunningBroker();
  private Topics topics;

  @BeforeEach
  void nameTopics() {
    topics = new Topics("health-" + System.nanoTime() + ".");
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARE", "GROUP"})
  void isLiveAndReadyWhileItServes(IntakeKind kind) throws Exception {
    try (var engine = new PacedEngine(FAST);
        var node = Node.start(options(kind), engine);
        var client = client();
        var stream = client.submit(GenerationRequest.of("x").maxTokens(3).build())) {
      drain(stream);

      assertTrue(node.live().ok(), node.live().toString());
      await(() -> node.ready().ok());
      assertEquals(
          List.of(
              "step_loop",
              "intake",
              "progress",
              "model",
              "group",
              "taking",
              "producer",
              "acknowledgement",
              "dead_letters"),
          node.ready().checks().stream().map(HealthReport.Check::name).toList());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARE", "GROUP"})
  void aNodeWhoseEngineEndedTakesNoMore(IntakeKind kind) throws Exception {
    try (var engine = new PacedEngine(FAST);
        var node = Node.start(options(kind), engine)) {
      engine.fail("out of memory");

      assertEquals("out of memory", node.failed().toCompletableFuture().get(30, TimeUnit.SECONDS));
      assertEquals(List.of("step_loop"), failing(node.live()));
      assertTrue(failing(node.ready()).contains("taking"), node.ready().toString());
      // Another node is given what this one takes no more.
      try (var well = new PacedEngine(FAST);
          var other = Node.start(options(kind), well);
          var client = client();
          var stream = client.submit(GenerationRequest.of("y").maxTokens(3).build())) {
        var events = drain(stream);

        assertEquals(other.id(), events.getLast().node());
      }
    }
  }

  @Test
  void aStepThatComesToNoEndShowsInReadinessAlone() throws Exception {
    try (var engine = new PacedEngine(FAST);
        var node = Node.start(options(IntakeKind.SHARE), engine)) {
      await(() -> node.ready().ok());

      engine.stall(Duration.ofMinutes(5));

      assertEquals(List.of("progress"), failing(node.ready()));
      assertTrue(node.live().ok(), node.live().toString());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARE", "GROUP"})
  void aDeadLetterThatKafkaRefusesIsTriedAgainAndShows(IntakeKind kind) throws Exception {
    var letters = new ConfigResource(ConfigResource.Type.TOPIC, topics.deadLetters());
    try (var admin = broker.connection().admin()) {
      var small = Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, "300");
      admin
          .createTopics(List.of(new NewTopic(topics.deadLetters(), 1, (short) 1).configs(small)))
          .all()
          .get();
    }
    try (var engine = new PacedEngine(FAST);
        var node = Node.start(options(kind), engine);
        var client = client();
        var reader = TopicReader.records(broker.bootstrapServers(), topics.deadLetters())) {
      send("{" + "x".repeat(2000));
      await(() -> failing(node.ready()).equals(List.of("dead_letters")));
      // Others are served all the same.
      try (var stream = client.submit(GenerationRequest.of("y").maxTokens(3).build())) {
        assertEquals(4, drain(stream).size());
      }
      assertTrue(node.metrics().scrape().contains("rivulet_dead_letters_total 0.0"));

      try (var admin = broker.connection().admin()) {
        var large = new ConfigEntry(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, "100000");
        admin
            .incrementalAlterConfigs(
                Map.of(letters, List.of(new AlterConfigOp(large, AlterConfigOp.OpType.SET))))
            .all()
            .get();
      }
      assertEquals(1, reader.until(PATIENCE, seen -> !seen.isEmpty()).size());
      await(() -> node.ready().ok());
      assertTrue(node.metrics().scrape().contains("rivulet_dead_letters_total 1.0"));
    }
  }

  @ParameterizedTest
  @CsvSource({"SHARE,GROUP,share,group", "GROUP,SHARE,consumer,share"})
  void refusesAGroupOfAnotherKind(IntakeKind first, IntakeKind second, String kind, String intake) {
    try (var engine = new PacedEngine(FAST);
        var _ = Node.start(options(first), engine)) {

      var refusal =
          assertThrows(IllegalArgumentException.class, () -> Node.start(options(second), engine));

      assertTrue(
          refusal
              .getMessage()
              .startsWith(
                  "the group '%sgroup' is a %s group in Kafka at %s, which --intake %s cannot join"
                      .formatted(topics.prefix(), kind, broker.bootstrapServers(), intake)),
          refusal.getMessage());
    }
  }

  @Test
  void aLoginThatOneKindOfClientCannotReadIsToldWithoutThePassword() {
    var properties =
        Map.of(
            "consumer.security.protocol",
            "SASL_PLAINTEXT",
            "consumer.sasl.mechanism",
            "PLAIN",
            "consumer.sasl.jaas.config",
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=alice"
                + " password=top s3cret+;");
    var login =
        new KafkaConnection(broker.bootstrapServers(), properties, KafkaConnection.DEFAULT_TIMEOUT);
    try (var engine = new PacedEngine(FAST)) {
      var options = NodeOptions.of(login, "paced").withTopics(topics);

      var failure =
          assertThrows(KafkaUnavailableException.class, () -> Node.start(options, engine));

      var trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace));
      assertTrue(failure.getMessage().contains("[hidden]"), failure.getMessage());
      assertFalse(trace.toString().contains("s3cret"), trace.toString());
    }
  }

  private void send(String prompt) throws Exception {
    var bytes = new ByteArraySerializer();
    try (var producer =
        new KafkaProducer<>(broker.connection().producer(Map.of(), Map.of()), bytes, bytes)) {
      producer.send(new ProducerRecord<>(topics.prompts(), prompt.getBytes(UTF_8))).get();
    }
  }

  private static List<TokenEvent> drain(TokenStream stream) {
    var events = new ArrayList<TokenEvent>();
    stream.forEachRemaining(events::add);
    return events;
  }

  private static List<String> failing(HealthReport report) {
    return report.checks().stream()
        .filter(check -> !check.ok())
        .map(HealthReport.Check::name)
        .toList();
  }

  static void await(BooleanSupplier isSo) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!isSo.getAsBoolean()) {
      assertFalse(System.nanoTime() > deadline, "it did not come to be so");
      Thread.sleep(50);
    }
  }

  private NodeOptions options(IntakeKind kind) {
    return NodeOptions.of(broker.connection(), "paced")
        .withTopics(topics)
        .withGroupId(topics.prefix() + "group")
        .withIntake(
            IntakeOptions.DEFAULT
                .withKind(kind)
                .withGroupId(topics.prefix() + "group")
                .withDrainTimeout(Duration.ofSeconds(2)));
  }

  private RivuletClient client() {
    return RivuletClient.connect(RivuletClient.Options.of(broker.connection()).withTopics(topics));
  }
}
