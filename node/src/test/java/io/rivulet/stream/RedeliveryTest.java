package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.rivulet.broker.RunningBroker;
import io.rivulet.protocol.Completion;
import io.rivulet.protocol.DeadLetter;
import io.rivulet.protocol.DeadLetterQueue;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.Timings;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Prompts of a share group that another node had, which published some of the answer. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RedeliveryTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int TOKENS = 12;
  private static final int SEED = 5;

  /** Deliveries of a prompt until Kafka drops it, where nobody set another limit. */
  private static final int LIMIT = 5;

  @RegisterExtension private static final RunningBroker broker = new RunningBroker();
  private Topics topics;

  @BeforeEach
  void makeTopics(TestInfo test) {
    topics = new Topics(test.getTestMethod().orElseThrow().getName() + ".");
    try (var engine = new PacedEngine(Duration.ofMillis(2))) {
      Node.start(options(), engine).close();
    }
  }

  @Test
  void goOnAfterThePublishedTokens() throws Exception {
    send("a");
    String place = takeAndRelease(1);
    // Of an earlier prompt under the same id, of an attempt that was repeated, and of another id.
    publish("a", "elsewhere-0-0", 0, false);
    for (int index : new int[] {0, 1, 2, 1, 2, 3}) {
      publish("a", place, index, false);
    }
    publish("b", place, 4, false);

    var events = answered(8 + TOKENS - 4 + 1);

    var own = events.subList(8, events.size());
    assertEquals(
        IntStream.rangeClosed(4, TOKENS).boxed().toList(),
        own.stream().map(TokenEvent::index).toList());
    for (TokenEvent event : own.subList(0, own.size() - 1)) {
      assertEquals(List.of(PacedEngine.token("a", SEED, event.index())), event.tokenIds());
      assertEquals(2, event.attempt());
    }
    Completion end = own.getLast().completion().orElseThrow();
    assertEquals(FinishReason.LENGTH, end.finishReason());
    assertEquals(TOKENS, end.usage().orElseThrow().completionTokens());
  }

  @Test
  void areOnlyAcknowledgedWhereTheEndIsPublished() throws Exception {
    send("a");
    String place = takeAndRelease(1);
    publish("a", place, 0, false);
    publish("a", place, 1, true);
    send("next");

    var events = answered(2 + TOKENS + 1);

    assertEquals(2, Streams.byId(events).get("a").size());
    try (var engine = new PacedEngine(Duration.ofMillis(2));
        var _ = Node.start(options(), engine)) {
      send("last");
      assertEquals(2, Streams.byId(read(2 + 2 * (TOKENS + 1))).get("a").size());
    }
  }

  @Test
  void takeNewDeliveriesWhereTheAnswerGrewInThoseThatAreUsedUp() throws Exception {
    send("a");
    String place = takeAndRelease(LIMIT - 1);
    publish("a", place, 0, false);
    publish("a", place, 1, false);

    assertWhole(answered(options().withIntake(attempts(1)), TOKENS + 1), LIMIT + 1);
  }

  @Test
  void takeNewDeliveriesWhereThereMayBeMoreAttemptsThanKafkaDelivers() throws Exception {
    send("a");
    takeAndRelease(LIMIT - 2);

    assertWhole(answered(TOKENS + 1), LIMIT);
    try (var prompts = TopicReader.records(broker.bootstrapServers(), topics.prompts())) {
      var again = prompts.until(PATIENCE, seen -> seen.size() >= 2).getLast();
      assertArrayEquals(request("a").toJson(), again.value());
    }
  }

  private static void assertWhole(List<TokenEvent> events, int attempt) {
    assertEquals(
        IntStream.rangeClosed(0, TOKENS).boxed().toList(),
        events.stream().map(TokenEvent::index).toList());
    assertEquals(attempt, events.getLast().attempt());
    assertEquals(FinishReason.LENGTH, events.getLast().completion().orElseThrow().finishReason());
  }

  @Test
  void areSentAgainOnceWhereTheAcknowledgementWasLost() throws Exception {
    send("a");
    String place = takeAndRelease(LIMIT - 1);
    publish("a", place, 0, false);
    sendAgain("a", place, new Strikes(0, 1));

    assertWhole(answered(TOKENS + 1), LIMIT);
    send("next");
    assertEquals(TOKENS + 1, Streams.byId(answered(2 * (TOKENS + 1))).get("a").size());
    try (var prompts = TopicReader.records(broker.bootstrapServers(), topics.prompts())) {
      assertEquals(3, prompts.until(PATIENCE, seen -> seen.size() >= 3).size());
    }
  }

  @Test
  void areSetAsideBeforeKafkaWouldDropThem() throws Exception {
    send("a");
    takeAndRelease(LIMIT - 1);

    try (var letters = TopicReader.records(broker.bootstrapServers(), topics.deadLetters())) {
      Completion end =
          answered(options().withIntake(attempts(LIMIT - 1)), 1)
              .getFirst()
              .completion()
              .orElseThrow();

      String reason = "none of 4 attempts in a row brought a token: given up";
      assertEquals(Optional.of(reason), end.error());
      var letter = letters.until(PATIENCE, seen -> !seen.isEmpty()).getFirst();
      assertEquals(reason, DeadLetter.read(letter.headers()).orElseThrow().message());
    }
  }

  @Test
  void areSetAsideWhereTheAnswerNoLongerGrows() throws Exception {
    String first = topics.prompts() + "-0-17";
    publish("a", first, 0, false);
    sendAgain("a", first, new Strikes(3, 1));
    takeAndRelease(2);

    TokenEvent end = answered(2).getLast();

    assertEquals(FinishReason.ERROR, end.completion().orElseThrow().finishReason());
    assertEquals(1, end.index());
    assertEquals(LIMIT - 1 + 3, end.attempt());
  }

  @Test
  void areNewPromptsWhereTheirDeadLettersAreSentAgain() throws Exception {
    String first = topics.prompts() + "-0-17";
    sendAgain("a", first, new Strikes(IntakeOptions.DEFAULT.attempts(), 0));
    assertEquals(FinishReason.ERROR, end(answered(1)));

    new DeadLetterQueue(broker.connection(), topics).replay(letter -> true, letter -> {});

    assertEquals(FinishReason.LENGTH, end(answered(1 + TOKENS + 1)));
  }

  private static FinishReason end(List<TokenEvent> events) {
    return events.getLast().completion().orElseThrow().finishReason();
  }

  /** What is in the tokens topic once a node has run until there are so many events. */
  private List<TokenEvent> answered(int count) {
    return answered(options(), count);
  }

  private List<TokenEvent> answered(NodeOptions options, int count) {
    try (var engine = new PacedEngine(Duration.ofMillis(2));
        var _ = Node.start(options, engine)) {
      return read(count);
    }
  }

  private List<TokenEvent> read(int count) {
    try (var reader = TopicReader.tokens(broker.bootstrapServers(), topics)) {
      return reader.until(PATIENCE, seen -> seen.size() >= count);
    }
  }

  private NodeOptions options() {
    return NodeOptions.of(broker.connection(), "test")
        .withTopics(topics)
        .withPartitions(1)
        .withIntake(attempts(IntakeOptions.DEFAULT.attempts()));
  }

  private IntakeOptions attempts(int count) {
    return IntakeOptions.DEFAULT
        .withKind(IntakeKind.SHARE)
        .withGroupId(topics.prefix() + "group")
        .withAttempts(count);
  }

  private void send(String id) {
    try (var client =
        RivuletClient.connect(new RivuletClient.Options(broker.connection(), topics, PATIENCE))) {
      client.send(request(id));
    }
  }

  private static GenerationRequest request(String id) {
    return GenerationRequest.of(id).id(id).maxTokens(TOKENS).seed(SEED).build();
  }

  /** Has the prompt until so many deliveries, as nodes do that die, and says where it is. */
  private String takeAndRelease(int deliveries) {
    var bytes = new ByteArrayDeserializer();
    try (var consumer =
        new KafkaShareConsumer<>(
            Map.<String, Object>of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "group.id",
                topics.prefix() + "group",
                "share.acknowledgement.mode",
                "explicit",
                // Or the client might have it a time more than is seen here.
                "share.acquire.mode",
                "record_limit",
                "max.poll.records",
                1),
            bytes,
            bytes)) {
      consumer.subscribe(List.of(topics.prompts()));
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() - deadline < 0) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          consumer.acknowledge(record, AcknowledgeType.RELEASE);
          consumer.commitSync();
          if (record.deliveryCount().orElseThrow() >= deliveries) {
            return PromptPlace.of(record).toString();
          }
        }
      }
      throw new AssertionError("the prompt did not come");
    }
  }

  private void publish(String id, String place, int index, boolean end) throws Exception {
    var completion =
        new Completion(
            FinishReason.STOP, Optional.empty(), Optional.empty(), Timings.NONE, Optional.empty());
    var event =
        new TokenEvent(
            id,
            1,
            index,
            end ? List.of() : List.of(PacedEngine.token(id, SEED, index)),
            "",
            "dead",
            Optional.of(completion).filter(ended -> end));
    var record = new ProducerRecord<>(topics.tokens(), id.getBytes(UTF_8), event.toJson());
    record.headers().add(EventRecords.PROMPT, place.getBytes(UTF_8));
    send(record);
  }

  /** As a node that got it for the last time but one. */
  private void sendAgain(String id, String place, Strikes strikes) throws Exception {
    var record =
        new ProducerRecord<>(topics.prompts(), 0, id.getBytes(UTF_8), request(id).toJson());
    String origin =
        "%s %d %d %d %d"
            .formatted(
                place, System.currentTimeMillis(), LIMIT - 1, strikes.count(), strikes.tokens());
    record.headers().add(Origin.HEADER, origin.getBytes(UTF_8));
    send(record);
  }

  private static void send(ProducerRecord<byte[], byte[]> record) throws Exception {
    var bytes = new ByteArraySerializer();
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()), bytes, bytes)) {
      producer.send(record).get();
    }
  }
}
