package io.rivulet.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.RunningBroker;
import io.rivulet.protocol.Cancel;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.TokenStream;
import io.rivulet.protocol.TokenStreamException;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a client makes of what is in its tokens topic, whoever put it there. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TokenStreamTest {

  /** More than a stream holds. */
  private static final int MANY = 3000;

  @RegisterExtension private static final RunningBroker broker = new RunningBroker();

  private Topics topics;
  private ScriptedNode node;
  private RivuletClient client;

  @BeforeEach
  void connect(TestInfo test) throws Exception {
    topics = new Topics(test.getTestMethod().orElseThrow().getName() + ".");
    node = new ScriptedNode(broker.connection(), topics);
    client = RivuletClient.connect(options());
  }

  @AfterEach
  void close() {
    client.close();
    node.close();
  }

  private RivuletClient.Options options() {
    return RivuletClient.Options.of(broker.connection())
        .withTopics(topics)
        .withSilence(Duration.ofSeconds(30));
  }

  private TokenStream submit(String id) {
    return client.submit(GenerationRequest.of("x").id(id).build());
  }

  @Test
  void passesOverWhatCameBefore() {
    try (var stream = submit("a")) {
      node.tokens("a", 0, 3);
      node.tokens("a", 1, 5);
      node.end("a", 5);

      assertEquals(List.of(0, 1, 2, 3, 4, 5), indices(stream));
    }
  }

  @Test
  void refusesAnotherTokenForAnIndexThatCame() {
    try (var stream = submit("a")) {
      node.tokens("a", 0, 3);
      node.token("a", 1, 7);

      var conflict = assertThrows(TokenStreamException.class, () -> indices(stream));

      assertEquals(
          "request a is contradictory: index 1 came again from node scripted with another token",
          conflict.getMessage());
    }
  }

  @Test
  void saysThatTokensAreMissing() {
    try (var stream = submit("a")) {
      node.tokens("a", 0, 2);
      node.tokens("a", 3, 4);

      assertEquals(0, stream.next().index());
      assertEquals(1, stream.next().index());
      var gap = assertThrows(TokenStreamException.class, stream::next);

      assertEquals("request a lost tokens: index 2 was expected and 3 came", gap.getMessage());
    }
  }

  @Test
  void aSlowReaderLosesNothingAndStopsNoOther() {
    try (var slow = submit("slow");
        var other = submit("other")) {
      for (int i = 0; i < MANY; i++) {
        node.token("slow", i, i);
        node.token("other", i, i);
      }
      node.end("other", MANY);
      node.end("slow", MANY);

      assertEquals(MANY + 1, indices(other).size());
      assertEquals(MANY + 1, indices(slow).size());
    }
  }

  @Test
  void manyRequestsAreReadAtOnce() throws Exception {
    var ends = new ArrayList<CompletableFuture<String>>();
    for (int i = 0; i < 100; i++) {
      var text = new StringBuilder();
      ends.add(
          submit("r" + i)
              .deliverTo(event -> text.append(event.text()))
              .thenApply(end -> text.toString()));
    }
    for (int i = 0; i < 100; i++) {
      node.token("r" + i, 0, i);
      node.end("r" + i, 1);
    }

    for (int i = 0; i < 100; i++) {
      assertEquals(Character.toString('a' + i % 26), ends.get(i).get(30, TimeUnit.SECONDS));
    }
  }

  @Test
  void submittingWaitsForRoom() {
    var patient = options().withMaxInFlight(1).withSilence(Duration.ofSeconds(1));
    try (var bounded = RivuletClient.connect(patient)) {
      var first = bounded.submit(GenerationRequest.of("x").id("a").build());
      var second = GenerationRequest.of("x").id("b").build();

      var full = assertThrows(RejectedExecutionException.class, () -> bounded.submit(second));
      first.close();
      var stream = bounded.submit(second);
      node.end("b", 0);

      assertEquals(List.of(0), indices(stream));
      assertEquals(
          "1 requests are in flight and none ended for 1 s: read or close their streams, or allow"
              + " more",
          full.getMessage());
      bounded.submit(GenerationRequest.of("x").build()).close();
    }
  }

  @Test
  void anIdIsReadOnceAtATime() {
    try (var first = submit("a")) {
      var refusal = assertThrows(IllegalArgumentException.class, () -> submit("a"));
      node.end("a", 0);

      assertEquals(List.of(0), indices(first));
      assertEquals(
          "request a is being read already: end that first, or use another id",
          refusal.getMessage());
    }
  }

  @Test
  void resumesFromTheBeginningFromATimeAndFromAnIndex() throws Exception {
    node.tokens("b", 0, 2);
    node.flush();
    Thread.sleep(5);
    var between = Instant.now();
    node.tokens("a", 0, 4);
    node.flush();

    try (var all = client.resume("a", Instant.EPOCH)) {
      assertEquals(List.of(0, 1, 2, 3), indices(all, 4));
      try (var other = client.resume("b", Instant.EPOCH)) {
        assertEquals(List.of(0, 1), indices(other, 2));
      }
      node.end("a", 4);
      assertEquals(List.of(4), indices(all));
    }
    try (var since = client.resume("a", between)) {
      assertEquals(List.of(0, 1, 2, 3, 4), indices(since));
    }
    try (var rest = client.resume("a", between, 2)) {
      assertEquals(List.of(2, 3, 4), indices(rest));
    }
  }

  @Test
  void givesASubscriberWhatItAsksFor() throws Exception {
    var subscriber = new Recorder();
    submit("a").publisher().subscribe(subscriber);
    node.tokens("a", 0, 5);
    node.end("a", 5);

    subscriber.subscription().request(2);
    assertEquals(0, subscriber.next().index());
    assertEquals(1, subscriber.next().index());
    assertFalse(subscriber.hasMoreWithin(Duration.ofMillis(300)), "no more was asked for");
    subscriber.subscription().request(Long.MAX_VALUE);

    for (int index = 2; index <= 5; index++) {
      assertEquals(index, subscriber.next().index());
    }
    assertTrue(subscriber.outcome().isEmpty(), "completed");
  }

  @Test
  void tellsASubscriberOfAGap() throws Exception {
    var subscriber = new Recorder();
    submit("a").publisher().subscribe(subscriber);
    node.token("a", 1, 1);

    subscriber.subscription().request(1);

    assertInstanceOf(TokenStreamException.class, subscriber.outcome().orElseThrow());
  }

  @Test
  void refusesASecondSubscriberAndOneThatAsksForNothing() throws Exception {
    var publisher = submit("a").publisher();
    var first = new Recorder();
    var second = new Recorder();
    publisher.subscribe(first);
    publisher.subscribe(second);
    first.subscription().request(0);

    assertEquals(
        "the stream of request a has a reader already",
        second.outcome().orElseThrow().getMessage());
    assertInstanceOf(IllegalArgumentException.class, first.outcome().orElseThrow());
  }

  @Test
  void askingForNoMoreCancelsTheRequest() throws Exception {
    var subscriber = new Recorder();
    submit("published").publisher().subscribe(subscriber);
    subscriber.subscription().cancel();
    var delivered = submit("delivered").deliverTo(event -> {});
    assertTrue(delivered.cancel(false));
    submit("read").cancel();

    try (var control = TopicReader.records(broker.bootstrapServers(), topics.control())) {
      var cancelled =
          control.until(Duration.ofSeconds(30), records -> records.size() >= 3).stream()
              .map(record -> Cancel.fromJson(record.value()).id())
              .sorted()
              .toList();
      assertEquals(List.of("delivered", "published", "read"), cancelled);
    }
  }

  @Test
  void aCallbackThatFailsEndsItsStream() {
    var result =
        submit("a")
            .deliverTo(
                event -> {
                  throw new IllegalStateException("full disk");
                });
    node.token("a", 0, 0);

    var failure = assertThrows(ExecutionException.class, () -> result.get(30, TimeUnit.SECONDS));
    assertEquals("full disk", failure.getCause().getMessage());
  }

  @Test
  void tellsACallbackHowItEnded() throws Exception {
    var events = new CopyOnWriteArrayList<TokenEvent>();
    var result = submit("a").deliverTo(events::add);
    node.tokens("a", 0, 2);
    node.end("a", 2);

    assertEquals(FinishReason.STOP, result.get(30, TimeUnit.SECONDS).finishReason());
    assertEquals(3, events.size());
  }

  @Test
  void closingTheClientEndsItsStreams() {
    var stream = submit("a");
    client.close();

    var closed = assertThrows(TokenStreamException.class, stream::next);
    assertEquals("request a cannot be read on: the client was closed", closed.getMessage());
    assertThrows(IllegalStateException.class, () -> submit("b"));
  }

  private static List<Integer> indices(TokenStream stream) {
    return indices(stream, Integer.MAX_VALUE);
  }

  private static List<Integer> indices(TokenStream stream, int most) {
    var indices = new ArrayList<Integer>();
    while (indices.size() < most && stream.hasNext()) {
      indices.add(stream.next().index());
    }
    return indices;
  }
}
