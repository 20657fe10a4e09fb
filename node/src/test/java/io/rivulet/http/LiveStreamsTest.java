package io.rivulet.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.stream.HealthReport;
import io.rivulet.stream.Node;
import io.rivulet.stream.NodeOptions;
import io.rivulet.stream.PacedEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Telemetry and answers as server-sent events, through Kafka and a node. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LiveStreamsTest {

  private static final Probes PROBES =
      new Probes(() -> new HealthReport(List.of()), () -> new HealthReport(List.of()), () -> "");

  private static EmbeddedBroker broker;
  private static KafkaConnection kafka;
  private static PacedEngine engine;
  private static Node node;
  private static WebServer server;

  @BeforeAll
  static void start() {
    broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0));
    kafka = KafkaConnection.to(broker.bootstrapServers());
    engine = new PacedEngine(Duration.ofMillis(5));
    node = Node.start(NodeOptions.of(kafka, "test").withNodeId("the-node"), engine);
    server = WebServer.start(WebOptions.onPort(0, kafka), PROBES);
  }

  @AfterAll
  static void stop() {
    server.close();
    node.close();
    engine.close();
    broker.close();
  }

  @Test
  void tellsANewBrowserWhatWasAndThenWhatComes() throws Exception {
    long last;
    try (var events = EventReader.get(server.address(), "/api/telemetry", "")) {
      assertEquals("clock", events.next().type());
      var report = events.nextOf("node");
      assertEquals("the-node", json(report.data()).get("node").stringValue());
      last = Long.parseLong(events.nextOf("node").id());
    }
    // One that was here before gets what is new; one that was not gets all.
    try (var again = EventReader.get(server.address(), "/api/telemetry", "" + last);
        var other = EventReader.get(server.address(), "/api/telemetry", "")) {
      assertTrue(Long.parseLong(again.nextOf("node").id()) > last);
      assertTrue(Long.parseLong(other.nextOf("node").id()) < last);
    }
  }

  @Test
  void streamsAnAnswerAsTheTokensTopicHasIt() throws Exception {
    var streamed = new ArrayList<TokenEvent>();
    String id;
    try (var events = ask("{\"prompt\":\"x\",\"max_tokens\":5}")) {
      id = json(events.nextOf("accepted").data()).get("id").stringValue();
      while (streamed.isEmpty() || !streamed.getLast().terminal()) {
        streamed.add(TokenEvent.fromJson(events.nextOf("token").data().getBytes(UTF_8)));
      }
    }

    assertEquals(published(id), streamed);
    assertEquals(6, streamed.size());
  }

  @Test
  void cancelsTheRequestWhenTheCallerGoes() throws Exception {
    String id;
    try (var events = ask("{\"prompt\":\"y\",\"max_tokens\":900}")) {
      id = json(events.nextOf("accepted").data()).get("id").stringValue();
      events.nextOf("token");
    }

    assertEquals(
        Optional.of(FinishReason.CANCELLED),
        published(id).getLast().completion().map(end -> end.finishReason()));
  }

  @Test
  void streamsSoManyAnswersAtOnceAndNoMore() throws Exception {
    var open = new ArrayList<EventReader>();
    try {
      for (int i = 0; i < GenerateRoute.MOST_ANSWERS; i++) {
        open.add(ask("{\"prompt\":\"z\",\"max_tokens\":900}"));
      }
      var refused =
          Call.post("/api/generate", "application/json", "{\"prompt\":\"z\"}").to(server.address());

      assertEquals(429, refused.status());
      assertEquals(Optional.of("5"), refused.header("Retry-After"));
    } finally {
      for (EventReader each : open) {
        each.close();
      }
    }
    // Those who have gone make room for others.
    while (Call.post("/api/generate", "application/json", "{\"prompt\":\"z\",\"max_tokens\":1}")
            .to(server.address())
            .status()
        != 200) {
      Thread.sleep(50);
    }
  }

  private static EventReader ask(String body) throws Exception {
    return EventReader.post(server.address(), "/api/generate", body);
  }

  private static JsonNode json(String text) {
    return new JsonMapper().readTree(text);
  }

  private static List<TokenEvent> published(String id) {
    var events = new ArrayList<TokenEvent>();
    try (var client = RivuletClient.connect(RivuletClient.Options.of(kafka));
        var stream = client.resume(id, Instant.EPOCH)) {
      stream.forEachRemaining(events::add);
    }
    return events;
  }
}
