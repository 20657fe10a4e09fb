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
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
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
    broker =
        EmbeddedBroker.start(
            new EmbeddedBroker.Options(
                0, Map.of("group.share.min.record.lock.duration.ms", "1000")));
    kafka = KafkaConnection.to(broker.bootstrapServers());
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @Test
  void shareThePromptsOfOnePartition() throws Exception {
    var topics = new Topics("share.");
    try (var first = start(topics, "first");
        var second = start(topics, "second");
        var reader = readerOnceReady(topics, first, second)) {
      submit(topics, 0, PROMPTS, 16);

      var events = reader.until(PATIENCE, seen -> ended(seen) == PROMPTS);

      assertEquals(
          Set.of("first", "second"),
          events.stream().map(TokenEvent::node).collect(Collectors.toSet()));
      byRequest(events, PROMPTS).values().forEach(TwoNodesTest::assertOneAttempt);
    }
  }

  @Test
  void oneFinishesWhatTheOtherWasKilledWith() throws Exception {
    var topics = new Topics("kill.");
    try (var victim = start(topics, "victim");
        var survivor = start(topics, "survivor");
        var reader = readerOnceReady(topics, victim, survivor)) {
      // The first ones are long, so that none is at its very end when the node is killed.
      submit(topics, 0, 8, 400);
      submit(topics, 8, PROMPTS, 40);
      reader.until(PATIENCE, seen -> seen.stream().anyMatch(event -> isBy(victim, event)));
      victim.kill();

      var events = reader.until(PATIENCE, seen -> ended(seen) == PROMPTS);

      assertTrue(
          events.stream().anyMatch(event -> isBy(survivor, event) && event.attempt() > 1),
          "the node was killed while it generated, so some prompt was taken over");
      NodeTest.assertSameTokensAtSameIndex(events);
      byRequest(events, PROMPTS).values().forEach(TwoNodesTest::assertFullStreamWithOneEnd);
    }
  }

  @Test
  void oneThatWasFrozenGivesUpWhatItHadAndTakesPartAgain() throws Exception {
    var topics = new Topics("freeze.");
    expireLocksAfter(Duration.ofSeconds(5), topics);
    try (var frozen = start(topics, "frozen");
        var awake = start(topics, "awake");
        var reader = readerOnceReady(topics, frozen, awake)) {
      submit(topics, 0, 8, 400);
      reader.until(PATIENCE, seen -> seen.stream().anyMatch(event -> isBy(frozen, event)));
      frozen.signal("STOP");
      reader.until(PATIENCE, seen -> ended(seen) == 8);
      frozen.signal("CONT");
      submit(topics, 8, 24, 200);

      var events = reader.until(PATIENCE, seen -> ended(seen) == 24);

      assertTrue(
          events.stream()
              .anyMatch(event -> isBy(frozen, event) && Integer.parseInt(event.id()) >= 8),
          "the thawed node takes part again");
      NodeTest.assertSameTokensAtSameIndex(events);
      byRequest(events, 24).values().forEach(TwoNodesTest::assertFullStreamWithOneEnd);
    }
  }

  private static NodeProcess start(Topics topics, String id) throws IOException {
    return NodeProcess.start(kafka.bootstrapServers(), topics, id, model);
  }

  private static TopicReader<TokenEvent> readerOnceReady(Topics topics, NodeProcess... nodes)
      throws IOException {
    for (NodeProcess node : nodes) {
      node.awaitReady();
    }
    return TopicReader.tokens(kafka.bootstrapServers(), topics);
  }

  private static void expireLocksAfter(Duration time, Topics topics) throws Exception {
    var group = new ConfigResource(ConfigResource.Type.GROUP, NodeProcess.groupOf(topics));
    var lock = new ConfigEntry("share.record.lock.duration.ms", String.valueOf(time.toMillis()));
    try (var admin = kafka.admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(group, List.of(new AlterConfigOp(lock, AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }

  /** Submits the prompts from one number to before another, which are their ids too. */
  private static void submit(Topics topics, int from, int to, int maxTokens) {
    var options = new RivuletClient.Options(kafka, topics, PATIENCE);
    try (var client = RivuletClient.connect(options)) {
      for (int i = from; i < to; i++) {
        String id = String.valueOf(i);
        client.send(GenerationRequest.of("Prompt number " + i).id(id).maxTokens(maxTokens).build());
      }
    }
  }

  private static boolean isBy(NodeProcess node, TokenEvent event) {
    return event.node().equals(node.id());
  }

  private static long ended(List<TokenEvent> events) {
    return events.stream().filter(TokenEvent::terminal).map(TokenEvent::id).distinct().count();
  }

  private static Map<String, List<TokenEvent>> byRequest(List<TokenEvent> events, int prompts) {
    var requests = events.stream().collect(Collectors.groupingBy(TokenEvent::id));
    assertEquals(prompts, requests.size());
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
