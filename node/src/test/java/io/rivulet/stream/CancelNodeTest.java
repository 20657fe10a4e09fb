package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.RunningBroker;
import io.rivulet.protocol.Cancel;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests that are cancelled where they are. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CancelNodeTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @RegisterExtension private static final RunningBroker broker = new RunningBroker();

  /** Of ten prompts four are decoded, two wait in the engine, and the others in Kafka. */
  @ParameterizedTest
  @EnumSource(names = {"SHARE", "GROUP"})
  void endsARequestWhereverItIsAndNoOther(IntakeKind intake) throws Exception {
    var topics = new Topics("phases-" + intake + ".");
    try (var engine = new PacedEngine(Duration.ofMillis(10));
        var _ = Node.start(options(topics, intake).withSlots(6), engine);
        var client =
            RivuletClient.connect(
                new RivuletClient.Options(broker.connection(), topics, PATIENCE));
        var reader = TopicReader.committedTokens(broker.bootstrapServers(), topics)) {
      for (int i = 0; i < 10; i++) {
        client.send(GenerationRequest.of("x" + i).id("r" + i).maxTokens(1000).build());
      }
      Set<String> decoded = Set.copyOf(ids(reader.until(PATIENCE, seen -> ids(seen).size() == 4)));
      var others = IntStream.range(0, 10).mapToObj(i -> "r" + i).collect(Collectors.toSet());
      others.removeAll(decoded);

      cancel(topics, others);
      String first = decoded.iterator().next();
      cancel(topics, Set.of(first, "nobody's"));
      reader.until(PATIENCE, seen -> Streams.ended(seen).contains(first));
      int seen = reader.until(PATIENCE, events -> true).size();
      // The others are decoded still.
      reader.until(PATIENCE, events -> events.size() > seen + 20);
      cancel(topics, decoded);

      var events = reader.until(PATIENCE, all -> Streams.ended(all).size() == 10);

      for (List<TokenEvent> stream : Streams.byId(events).values()) {
        TokenEvent end = stream.getLast();
        var completion = end.completion().orElseThrow();
        assertEquals(FinishReason.CANCELLED, completion.finishReason());
        assertEquals(end.index(), completion.usage().orElseThrow().completionTokens());
        assertEquals(end.index() + 1, stream.size());
        assertEquals(others.contains(end.id()), end.index() == 0, end.id());
      }
      assertTrue(Streams.byId(events).get(first).size() < 1000);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARE", "GROUP"})
  void isKnownToNodesThatStartLaterAndNotForPromptsThatAreSentLater(IntakeKind intake)
      throws Exception {
    var topics = new Topics("later-" + intake + ".");
    try (var engine = new PacedEngine(Duration.ofMillis(2))) {
      Node.start(options(topics, intake), engine).close();
      try (var client =
              RivuletClient.connect(
                  new RivuletClient.Options(broker.connection(), topics, PATIENCE));
          var reader = TopicReader.committedTokens(broker.bootstrapServers(), topics)) {
        client.send(GenerationRequest.of("x").id("a").maxTokens(5).build());
        cancel(topics, Set.of("a"));
        try (var _ = Node.start(options(topics, intake), engine)) {
          var cancelled = reader.until(PATIENCE, seen -> !seen.isEmpty()).getFirst();
          assertEquals(FinishReason.CANCELLED, cancelled.completion().orElseThrow().finishReason());
          client.send(GenerationRequest.of("x").id("a").maxTokens(5).build());

          var events = reader.until(PATIENCE, seen -> seen.size() == 7);

          assertEquals(
              FinishReason.LENGTH, events.getLast().completion().orElseThrow().finishReason());
        }
      }
    }
  }

  private static Set<String> ids(List<TokenEvent> events) {
    return events.stream().map(TokenEvent::id).collect(Collectors.toCollection(TreeSet::new));
  }

  private static NodeOptions options(Topics topics, IntakeKind intake) {
    return NodeOptions.of(broker.connection(), "test")
        .withTopics(topics)
        .withPartitions(1)
        .withIntake(IntakeOptions.DEFAULT.withKind(intake).withGroupId(topics.prefix() + "group"))
        .withDrainTimeout(Duration.ZERO);
  }

  private static void cancel(Topics topics, Set<String> ids) throws Exception {
    var bytes = new ByteArraySerializer();
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()), bytes, bytes)) {
      for (String id : ids) {
        var record =
            new ProducerRecord<>(topics.control(), id.getBytes(UTF_8), new Cancel(id).toJson());
        producer.send(record).get();
      }
    }
  }
}
