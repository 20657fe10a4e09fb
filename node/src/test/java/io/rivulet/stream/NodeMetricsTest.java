package io.rivulet.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.RunningBroker;
import io.rivulet.protocol.ChatMessage;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.GenerationRequestBuilder;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(value = 180, unit = TimeUnit.SECONDS)
class NodeMetricsTest {

  @RegisterExtension private static final RunningBroker broker = new RunningBroker();

  @Test
  void countsRequestsByHowTheyEnded() throws Exception {
    var topics = new Topics("counts.");
    try (var engine = new PacedEngine(Duration.ofMillis(2));
        var node = Node.start(options(topics), engine);
        var client = client(topics)) {
      answer(client, GenerationRequest.of("x").maxTokens(5));
      answer(client, GenerationRequest.of("x").maxTokens(9));
      answer(client, GenerationRequest.of("x").model("none-such"));
      NodeHealthTest.await(() -> node.metrics().scrape().contains("{outcome=\"refused\"} 1.0"));

      String scrape = node.metrics().scrape();

      assertTrue(scrape.contains("rivulet_intake_deliveries_total{outcome=\"length\"} 2.0"));
      assertTrue(scrape.contains("rivulet_dead_letters_total 1.0"));
      assertTrue(scrape.contains("rivulet_tokens_generated_total 14.0"));
      String labels =
          "gen_ai_operation_name=\"text_completion\",gen_ai_provider_name=\"rivulet\",gen_ai_request_model=\"paced\"";
      assertTrue(
          scrape.contains(
              "gen_ai_client_token_usage_sum{" + labels + ",gen_ai_token_type=\"output\"} 14.0"),
          scrape);
      assertTrue(
          scrape.contains("gen_ai_server_time_per_output_token_seconds_count{" + labels + "} 2"));
      for (String error : List.of("none\",%s} 2", "refused\",%s} 1")) {
        assertTrue(
            scrape.contains(
                "gen_ai_server_request_duration_seconds_count{error_type=\""
                    + error.formatted(labels)),
            error);
      }
      // Of all tokens since the node started, as the engine counts them.
      assertTrue(scrape.contains("rivulet_sparsity_density{layer=\"0\"} 0.25"), scrape);
      assertTrue(scrape.contains("rivulet_sparsity_recall{layer=\"0\"} 0.25"));
      assertTrue(scrape.contains("rivulet_sparsity_recall{layer=\"1\"} NaN"));
    }
  }

  @Test
  void noClientMakesASeries() {
    var topics = new Topics("hostile.");
    try (var engine = new PacedEngine(Duration.ofMillis(2));
        var node = Node.start(options(topics), engine);
        var client = client(topics)) {
      hostile(client, 0);
      Set<String> before = series(node.metrics().scrape());

      for (int i = 1; i < 20; i++) {
        hostile(client, i);
      }

      String scrape = node.metrics().scrape();
      assertEquals(before, series(scrape));
      assertFalse(scrape.contains("evil"), scrape);
    }
  }

  private static void hostile(RivuletClient client, int number) {
    String evil = "evil\"} 1\n# " + number;
    answer(client, GenerationRequest.of(evil).id("evil" + number).model(evil));
    answer(client, GenerationRequest.of(evil).id("evil-" + number).maxTokens(2));
    answer(
        client, GenerationRequest.of(List.of(new ChatMessage("evil" + number, evil))).maxTokens(2));
  }

  @Test
  void aClosedClientsMetricsAreGone() {
    var topics = new Topics("closed.");
    try (var engine = new PacedEngine(Duration.ofMillis(2))) {
      var node = Node.start(options(topics), engine);
      assertTrue(node.metrics().scrape().contains("kafka_producer_"));
      assertTrue(node.metrics().scrape().contains("kafka_consumer_share_"));

      node.close();

      String scrape = node.metrics().scrape();
      assertFalse(scrape.contains("kafka_"), scrape);
    }
  }

  /** Without the clients of Kafka, which show a topic or a broker as they come to know it. */
  private static Set<String> series(String scrape) {
    return scrape
        .lines()
        .filter(line -> !line.startsWith("#") && !line.startsWith("kafka_"))
        .map(line -> line.substring(0, line.lastIndexOf(' ')))
        .filter(line -> !line.startsWith("jvm_"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void answer(RivuletClient client, GenerationRequestBuilder request) {
    try (var stream = client.submit(request.build())) {
      stream.forEachRemaining(event -> {});
    }
  }

  private static NodeOptions options(Topics topics) {
    return NodeOptions.of(broker.connection(), "paced")
        .withTopics(topics)
        .withGroupId(topics.prefix() + "group")
        .withDrainTimeout(Duration.ofSeconds(5));
  }

  private static RivuletClient client(Topics topics) {
    return RivuletClient.connect(RivuletClient.Options.of(broker.connection()).withTopics(topics));
  }
}
