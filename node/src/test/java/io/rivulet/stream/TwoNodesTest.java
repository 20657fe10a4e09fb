package io.rivulet.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes in JVMs of their own, a real broker, a real engine, and one partition. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class TwoNodesTest {

  private static final int PROMPTS = 40;
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private static EmbeddedBroker broker;
  private static KafkaConnection kafka;
  private static Path model;

  @BeforeAll
  static void prepare(@TempDir Path folder) throws Exception {
    model = RandomModel.write(folder.resolve("random.gguf"));
    broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0));
    kafka = KafkaConnection.to(broker.bootstrapServers());
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void shareThePromptsOfOnePartition() throws Exception {
    var topics = new Topics("share.");
    try (var first = NodeProcess.start(kafka.bootstrapServers(), topics, "first", model);
        var second = NodeProcess.start(kafka.bootstrapServers(), topics, "second", model)) {
      first.awaitReady();
      second.awaitReady();
      submit(topics, 16);

      var events = allEvents(topics);

      assertEquals(
          Set.of("first", "second"),
          events.stream().map(TokenEvent::node).collect(Collectors.toSet()));
      byRequest(events).values().forEach(TwoNodesTest::assertOneAttempt);
    }
  }

  @Test
  void oneFinishesWhatTheOtherWasKilledWith() throws Exception {
    var topics = new Topics("kill.");
    try (var victim = NodeProcess.start(kafka.bootstrapServers(), topics, "victim", model);
        var survivor = NodeProcess.start(kafka.bootstrapServers(), topics, "survivor", model)) {
      victim.awaitReady();
      survivor.awaitReady();
      submit(topics, 120);
      try (var reader = TopicReader.tokens(kafka.bootstrapServers(), topics)) {
        reader.until(
            PATIENCE, seen -> seen.stream().anyMatch(event -> event.node().equals(victim.id())));
      }
      victim.kill();

      var events = allEvents(topics);

      assertTrue(
          events.stream()
              .anyMatch(event -> event.attempt() > 1 && event.node().equals(survivor.id())),
          "the node was killed while it generated, so some prompt was taken over");
      NodeTest.assertSameTokensAtSameIndex(events);
      byRequest(events).values().forEach(TwoNodesTest::assertFullStreamWithOneEnd);
    }
  }

  private static void submit(Topics topics, int maxTokens) {
    var options = new RivuletClient.Options(kafka, topics, PATIENCE);
    try (var client = RivuletClient.connect(options)) {
      for (int i = 0; i < PROMPTS; i++) {
        client.send(
            GenerationRequest.of("Prompt number " + i).id("r" + i).maxTokens(maxTokens).build());
      }
    }
  }

  /** Everything published once each prompt has come to its end. */
  private static List<TokenEvent> allEvents(Topics topics) {
    try (var reader = TopicReader.tokens(kafka.bootstrapServers(), topics)) {
      return reader.until(
          PATIENCE,
          seen ->
              seen.stream().filter(TokenEvent::terminal).map(TokenEvent::id).distinct().count()
                  == PROMPTS);
    }
  }

  private static Map<String, List<TokenEvent>> byRequest(List<TokenEvent> events) {
    var requests = events.stream().collect(Collectors.groupingBy(TokenEvent::id));
    assertEquals(PROMPTS, requests.size());
    return requests;
  }

  private static void assertOneAttempt(List<TokenEvent> events) {
    TokenEvent end = assertFullStreamWithOneEnd(events);
    assertEquals(
        IntStream.rangeClosed(0, end.index()).boxed().toList(),
        events.stream().map(TokenEvent::index).toList());
  }

  private static TokenEvent assertFullStreamWithOneEnd(List<TokenEvent> events) {
    var ends = events.stream().filter(TokenEvent::terminal).toList();
    assertEquals(1, ends.size(), events.getFirst().id());
    TokenEvent end = ends.getFirst();
    var completion = end.completion().orElseThrow();
    assertTrue(
        Set.of(FinishReason.LENGTH, FinishReason.STOP).contains(completion.finishReason()),
        end.toString());
    assertEquals(end.index(), completion.usage().orElseThrow().completionTokens());
    assertEquals(
        IntStream.range(0, end.index()).boxed().collect(Collectors.toSet()),
        events.stream()
            .filter(event -> !event.terminal())
            .map(TokenEvent::index)
            .collect(Collectors.toSet()));
    return end;
  }
}
