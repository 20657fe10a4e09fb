package io.rivulet.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node of a share group whose link to Kafka is down for longer than its claim lasts. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LostLinkTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Map<String, String> SHORT_LOCKS =
      Map.of(
          "group.share.min.record.lock.duration.ms", "1000",
          "group.share.record.lock.duration.ms", "3000");
  private static final int TOKENS = 500;

  private final Topics topics = new Topics("link.");

  @Test
  void whatWaitedForItIsNotSentAfterTheNextOwnersAnswer() {
    try (var broker = new LinkedBroker(SHORT_LOCKS);
        var slow = new PacedEngine(Duration.ofMillis(50));
        var _ = Node.start(options(broker.linked(), "first"), slow);
        var client =
            RivuletClient.connect(new RivuletClient.Options(broker.direct(), topics, PATIENCE));
        var tokens = TopicReader.tokens(broker.direct().bootstrapServers(), topics)) {
      client.send(GenerationRequest.of("x").id("a").maxTokens(TOKENS).build());
      tokens.until(PATIENCE, seen -> seen.size() >= 3);
      broker.cut();
      try (var fast = new PacedEngine(Duration.ofMillis(1));
          var _ = Node.start(options(broker.direct(), "second"), fast)) {
        tokens.until(PATIENCE, seen -> seen.getLast().terminal());
      }
      broker.mend();
      client.send(GenerationRequest.of("x").id("b").maxTokens(1).build());
      // What the first node said before this has come then, or never will.
      var events = tokens.until(PATIENCE, seen -> Streams.ended(seen).contains("b"));

      assertEquals(List.of("first", "first"), nodes(Streams.byId(events).get("b")));
      List<TokenEvent> answer = Streams.byId(events).get("a");
      assertEquals(
          IntStream.rangeClosed(0, TOKENS).boxed().toList(),
          answer.stream().map(TokenEvent::index).toList());
      List<String> nodes = nodes(answer);
      assertEquals(
          Set.of("second"), Set.copyOf(nodes.subList(nodes.indexOf("second"), nodes.size())));
    }
  }

  private static List<String> nodes(List<TokenEvent> events) {
    return events.stream().map(TokenEvent::node).toList();
  }

  private NodeOptions options(KafkaConnection kafka, String node) {
    return NodeOptions.of(kafka, "test")
        .withTopics(topics)
        .withPartitions(1)
        .withNodeId(node)
        .withIntake(IntakeOptions.DEFAULT.withKind(IntakeKind.SHARE).withGroupId("link"));
  }
}
