package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.RunningBroker;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One node with a heap of 96 MB, and more prompts than that waiting for it, of which a third are
 * bad: it answers those who ask for its health all the while.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class NodeFloodTest {

  private static final int PROMPTS = 504;
  private static final int BAD = 2 * (PROMPTS / 6);
  private static final int NO_ANSWER = 0;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @RegisterExtension private static final RunningBroker broker = new RunningBroker();

  @ParameterizedTest
  @EnumSource(names = {"SHARE", "GROUP"})
  void isWorkedOffWithinTheNodesMemory(IntakeKind intake) throws Exception {
    var topics = new Topics("flood-" + intake + ".");
    String[] http = {"--http-port", "0"};
    try (var node = NodeProcess.start(broker.bootstrapServers(), topics, intake, "node", http)) {
      node.awaitReady();
      sendAll(topics);
      try (var health = new HealthWatch(node.page());
          var reader = TopicReader.committedTokens(broker.bootstrapServers(), topics);
          var letters = TopicReader.committed(broker.bootstrapServers(), topics.deadLetters())) {

        var events = reader.until(PATIENCE, seen -> Streams.ended(seen).size() == PROMPTS);

        assertEquals(BAD, letters.until(PATIENCE, seen -> seen.size() >= BAD).size());
        for (List<TokenEvent> stream : Streams.byId(events).values()) {
          var end = stream.getLast().completion().orElseThrow();
          boolean bad = Integer.parseInt(stream.getLast().id()) % 6 < 2;
          assertEquals(bad ? FinishReason.ERROR : FinishReason.LENGTH, end.finishReason());
          assertEquals(bad ? 1 : 4, stream.size(), stream::toString);
        }
        assertEquals(Set.of(200), health.answers());
      }
      node.signal("TERM");
      assertEquals(0, node.awaitEnd());
    }
  }

  /** Asks a node over and over whether it lives. */
  private static final class HealthWatch implements AutoCloseable {

    private final Set<Integer> answers = ConcurrentHashMap.newKeySet();
    private final HttpClient client = HttpClient.newHttpClient();
    private final Thread thread;

    HealthWatch(URI page) {
      var question =
          HttpRequest.newBuilder(page.resolve("/health/live"))
              .timeout(Duration.ofSeconds(20))
              .build();
      thread = Thread.startVirtualThread(() -> watch(question));
    }

    private void watch(HttpRequest question) {
      try {
        while (true) {
          answers.add(client.send(question, HttpResponse.BodyHandlers.discarding()).statusCode());
          Thread.sleep(100);
        }
      } catch (IOException e) {
        answers.add(NO_ANSWER);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    /** What it said so far, each status once. */
    Set<Integer> answers() {
      return Set.copyOf(answers);
    }

    @Override
    public void close() {
      thread.interrupt();
      client.shutdownNow();
    }
  }

  private static void sendAll(Topics topics) throws Exception {
    String tooLong = "all work and no play ".repeat(15_000);
    assertTrue(PROMPTS / 6 * tooLong.length() > 25_000_000, "they are many bytes");
    var bytes = new ByteArraySerializer();
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()), bytes, bytes)) {
      var sent = new ArrayList<Future<RecordMetadata>>();
      for (int i = 0; i < PROMPTS; i++) {
        String value =
            switch (i % 6) {
              case 0 -> "{\"prompt\":\"" + tooLong + "\"}";
              case 1 -> "{\"prompt\":[\"x\"]}";
              default -> "{\"prompt\":\"Once upon a time\",\"max_tokens\":3,\"ignore_eos\":true}";
            };
        byte[] key = String.valueOf(i).getBytes(UTF_8);
        sent.add(producer.send(new ProducerRecord<>(topics.prompts(), key, value.getBytes(UTF_8))));
      }
      for (Future<RecordMetadata> each : sent) {
        each.get();
      }
    }
  }
}
