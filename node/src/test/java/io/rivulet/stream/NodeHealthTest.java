package io.rivulet.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.TokenStream;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(value = 180, unit = TimeUnit.SECONDS)
class NodeHealthTest {

  private static final Duration FAST = Duration.ofMillis(2);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static EmbeddedBroker broker;
  private static KafkaConnection kafka;
  private Topics topics;

  @BeforeAll
  static void startBroker() {
    broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0));
    kafka = KafkaConnection.to(broker.bootstrapServers());
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

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
    return NodeOptions.of(kafka, "paced")
        .withTopics(topics)
        .withGroupId(topics.prefix() + "group")
        .withIntake(
            IntakeOptions.DEFAULT
                .withKind(kind)
                .withGroupId(topics.prefix() + "group")
                .withDrainTimeout(Duration.ofSeconds(2)));
  }

  private RivuletClient client() {
    return RivuletClient.connect(RivuletClient.Options.of(kafka).withTopics(topics));
  }
}
