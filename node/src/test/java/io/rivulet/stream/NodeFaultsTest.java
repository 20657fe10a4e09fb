package io.rivulet.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.Sparsity;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nodes that are killed, frozen and stopped in the midst of answers: real processes, a real broker,
 * the shipped model in every sparsity mode. Whatever happens, readers get the answers of a run in
 * which nothing happened.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class NodeFaultsTest {

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration LOCK = Duration.ofSeconds(4);
  private static final List<Sparsity> MODES = List.of(Sparsity.values());
  private static final int LONG = 200;
  private static final int SLOTS = 4;

  /** Of the two nodes of a consumer group each gets one. */
  private static final int PARTITIONS = 2;

  private static EmbeddedBroker broker;
  private static KafkaConnection kafka;
  private static List<GenerationRequest> requests;
  private static Answers answers;

  @BeforeAll
  static void prepare() throws Exception {
    // As quick as the broker can be made to notice that a node is silent.
    broker =
        EmbeddedBroker.start(
            new EmbeddedBroker.Options(
                0,
                Map.of(
                    "group.share.min.record.lock.duration.ms", "1000",
                    "group.consumer.min.session.timeout.ms", "1000",
                    "group.consumer.session.timeout.ms", "4000",
                    "group.consumer.min.heartbeat.interval.ms", "500",
                    "group.consumer.heartbeat.interval.ms", "500")));
    kafka = KafkaConnection.to(broker.bootstrapServers());
    requests = IntStream.range(0, 10).mapToObj(NodeFaultsTest::request).toList();
    answers = Answers.to(requests);
  }

  private static GenerationRequest request(int number) {
    Sparsity mode = MODES.get(number % MODES.size());
    return GenerationRequest.of("Once upon a time number " + number + " was")
        .id("r" + number)
        .maxTokens(LONG)
        .ignoreEos(true)
        .repetitionPenalty(1.05)
        .sparsity(mode)
        .build();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARE", "GROUP"})
  void anotherNodeGoesOnWhereOneWasKilled(IntakeKind intake) throws Exception {
    Topics topics = topics("kill", intake);
    try (var victim = start(topics, intake, "victim");
        var survivor = start(topics, intake, "survivor");
        var reader = readerOnceReady(topics, victim, survivor)) {
      submitAll(topics);
      reader.until(PATIENCE, seen -> publishedOf(seen, victim) > 60);
      victim.kill();

      var events = reader.until(PATIENCE, answers::complete);

      assertTaken(victim, survivor, events);
      assertAnswers(intake, events);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARE", "GROUP"})
  void aNodeThatWasFrozenBeyondItsClaimPublishesNothingMoreAndTakesPartAgain(IntakeKind intake)
      throws Exception {
    Topics topics = topics("freeze", intake);
    try (var frozen = start(topics, intake, "frozen");
        var awake = start(topics, intake, "awake");
        var reader = readerOnceReady(topics, frozen, awake)) {
      submit(topics, requests.subList(0, 8));
      reader.until(PATIENCE, seen -> publishedOf(seen, frozen) > 60);
      frozen.signal("STOP");
      var before = List.copyOf(reader.until(PATIENCE, seen -> Streams.ended(seen).size() == 8));
      frozen.signal("CONT");
      submit(topics, requests.subList(8, 10));

      var events = reader.until(PATIENCE, answers::complete);

      assertAnswers(intake, events);
      Set<String> lost = Streams.ended(before);
      long late =
          events.subList(before.size(), events.size()).stream()
              .filter(event -> event.node().equals("frozen") && lost.contains(event.id()))
              .count();
      // Without transactions, what was on its way when the process stopped may still arrive.
      assertTrue(late <= (intake == IntakeKind.GROUP ? 0 : SLOTS), late + " late events");
      assertTaken(frozen, awake, before);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARE", "GROUP"})
  void aNodeThatIsToldToStopHandsOnWhatDoesNotFitItsTime(IntakeKind intake) throws Exception {
    Topics topics = topics("drain", intake);
    try (var leaving = start(topics, intake, "leaving", "--drain-timeout", "0");
        var staying = start(topics, intake, "staying");
        var reader = readerOnceReady(topics, leaving, staying)) {
      submitAll(topics);
      reader.until(PATIENCE, seen -> publishedOf(seen, leaving) > 60);
      leaving.signal("TERM");
      assertEquals(0, leaving.awaitEnd());

      var events = reader.until(PATIENCE, answers::complete);

      assertTaken(leaving, staying, events);
      assertAnswers(intake, events);
    }
  }

  /** Some answer was begun by one node and gone on with, at the next token, by the other. */
  private static void assertTaken(NodeProcess from, NodeProcess to, List<TokenEvent> events) {
    boolean goneOn = false;
    for (List<TokenEvent> stream : Streams.byId(events).values()) {
      Optional<TokenEvent> last =
          stream.stream().filter(event -> event.node().equals(from.id())).reduce((a, b) -> b);
      Optional<TokenEvent> next =
          stream.stream().filter(event -> event.node().equals(to.id())).findFirst();
      if (last.isPresent() && next.isPresent()) {
        goneOn = true;
        assertEquals(last.get().index() + 1, next.get().index(), next.get().id());
        assertEquals(last.get().attempt() + 1, next.get().attempt(), next.get().id());
      }
    }
    assertTrue(goneOn, "the node was in the midst of an answer");
  }

  private static void assertAnswers(IntakeKind intake, List<TokenEvent> events) {
    if (intake == IntakeKind.GROUP) {
      answers.assertExactly(events);
    } else {
      answers.assertAtLeast(events);
    }
  }

  private static long publishedOf(List<TokenEvent> events, NodeProcess node) {
    return events.stream().filter(event -> event.node().equals(node.id())).count();
  }

  private static Topics topics(String name, IntakeKind intake) throws Exception {
    var topics = new Topics(name + "-" + intake + ".");
    var lock = new ConfigEntry("share.record.lock.duration.ms", String.valueOf(LOCK.toMillis()));
    var group = new ConfigResource(ConfigResource.Type.GROUP, NodeProcess.groupOf(topics));
    try (var admin = kafka.admin()) {
      admin
          .createTopics(
              Stream.of(topics.prompts(), topics.tokens())
                  .map(topic -> new NewTopic(topic, Optional.of(PARTITIONS), Optional.empty()))
                  .toList())
          .all()
          .get();
      admin
          .incrementalAlterConfigs(
              Map.of(group, List.of(new AlterConfigOp(lock, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
    return topics;
  }

  private static NodeProcess start(Topics topics, IntakeKind intake, String id, String... more)
      throws IOException {
    return NodeProcess.start(kafka.bootstrapServers(), topics, intake, id, more);
  }

  private static TopicReader<TokenEvent> readerOnceReady(Topics topics, NodeProcess... nodes)
      throws IOException {
    for (NodeProcess node : nodes) {
      node.awaitReady();
    }
    return TopicReader.committedTokens(kafka.bootstrapServers(), topics);
  }

  private static void submitAll(Topics topics) {
    submit(topics, requests);
  }

  private static void submit(Topics topics, List<GenerationRequest> some) {
    var options = new RivuletClient.Options(kafka, topics, PATIENCE);
    try (var client = RivuletClient.connect(options)) {
      some.forEach(client::send);
    }
  }
}
