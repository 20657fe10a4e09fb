package io.rivulet.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.RunningBroker;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenStreamException;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class RivuletClientTest {

  @RegisterExtension private static final RunningBroker broker = new RunningBroker();

  @Test
  void readsEachOfSeveralRequestsToItsEnd() {
    try (var engine = new PacedEngine(Duration.ofMillis(1));
        var _ = Node.start(NodeOptions.of(broker.connection(), "test"), engine);
        var client = client(Topics.DEFAULT, Duration.ofSeconds(60))) {
      for (int tokens = 1; tokens <= 4; tokens++) {
        try (var stream = client.submit(GenerationRequest.of("x").maxTokens(tokens).build())) {
          for (int i = 0; i <= tokens; i++) {
            var event = stream.next();
            assertEquals(stream.id(), event.id());
            assertEquals(i, event.index());
            assertEquals(i == tokens, event.terminal());
          }
          assertThrows(NoSuchElementException.class, stream::next);
        }
      }
    }
  }

  @Test
  void givesUpWhereNobodyAnswers() {
    var topics = topicsWithoutNode("silent.");
    try (var client = client(topics, Duration.ofSeconds(1));
        var stream = client.submit(GenerationRequest.of("x").id("a").build())) {
      var silence = assertThrows(TokenStreamException.class, stream::next);

      assertEquals(
          "no token of request a came for 1 s: is a node running on these topics?",
          silence.getMessage());
    }
  }

  @Test
  void endsWhenItsThreadIsInterrupted() {
    var topics = topicsWithoutNode("interrupted.");
    try (var client = client(topics, Duration.ofSeconds(60));
        var stream = client.submit(GenerationRequest.of("x").id("a").build())) {
      Thread.currentThread().interrupt();

      assertThrows(CancellationException.class, stream::next);

      assertTrue(Thread.interrupted(), "the interrupt is kept");
    }
  }

  @Test
  void saysThatThereAreNoTopics() {
    var failure =
        assertThrows(
            KafkaUnavailableException.class,
            () -> client(new Topics("nowhere."), Duration.ofSeconds(1)));

    assertEquals(
        "Kafka at "
            + broker.bootstrapServers()
            + " has no topics nowhere.prompts and nowhere.tokens: start a node there, which"
            + " creates them",
        failure.getMessage());
  }

  private static Topics topicsWithoutNode(String prefix) {
    var topics = new Topics(prefix);
    try (var engine = new PacedEngine(Duration.ofMillis(1))) {
      Node.start(NodeOptions.of(broker.connection(), "test").withTopics(topics), engine).close();
    }
    return topics;
  }

  private static RivuletClient client(Topics topics, Duration silence) {
    return RivuletClient.connect(new RivuletClient.Options(broker.connection(), topics, silence));
  }
}
