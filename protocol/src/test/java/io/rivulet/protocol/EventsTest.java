package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class EventsTest {

  private static final Instant NOW = Reports.NOW;

  @Test
  void tokensReadAsWritten() {
    var event = new TokenEvent("a", 2, 5, List.of(17), " sea ☕", "node-1", Optional.empty());

    assertEquals(event, TokenEvent.fromJson(event.toJson()));
    assertEquals(
        "{\"id\":\"a\",\"attempt\":2,\"index\":5,\"token_ids\":[17],\"text\":\" sea ☕\","
            + "\"node\":\"node-1\",\"finish_reason\":null}",
        new String(event.toJson(), UTF_8));
  }

  @Test
  void logprobsReadAsWritten() {
    var sea = new TokenLogprob(17, "sea", List.of(115, 101, 97), -0.5);
    var half = new TokenLogprob(4, "\ufffd", List.of(226), -1.25);
    var event =
        new TokenEvent(
            "a",
            1,
            0,
            List.of(17),
            "sea",
            Optional.of(new Logprobs(sea, List.of(sea, half))),
            Optional.empty(),
            "n",
            Optional.empty());

    assertEquals(event, TokenEvent.fromJson(event.toJson()));
    assertTrue(
        new String(event.toJson(), UTF_8)
            .contains(
                "\"logprobs\":{\"token_id\":17,\"token\":\"sea\",\"logprob\":-0.5,"
                    + "\"bytes\":[115,101,97],\"top_logprobs\":["
                    + "{\"token_id\":17,\"token\":\"sea\",\"logprob\":-0.5,\"bytes\":[115,101,97]},"
                    + "{\"token_id\":4,\"token\":\"\ufffd\",\"logprob\":-1.25,\"bytes\":[226]}]}"));
  }

  @Test
  void terminalEventsReadAsWritten() {
    var completion =
        new Completion(
            FinishReason.LENGTH,
            Optional.of(new Usage(4, 3, 9)),
            Optional.of(
                new RequestSparsity(
                    0.25,
                    Optional.of(0.5),
                    Optional.of(0.75),
                    Optional.of(0.0625),
                    0.5,
                    List.of(0.125, 0.375))),
            new Timings(Duration.ofMillis(1), Duration.ofNanos(2_500_000), Duration.ofSeconds(3)),
            Optional.empty());
    var event = new TokenEvent("a", 1, 9, List.of(), "", "node-1", Optional.of(completion));

    assertEquals(event, TokenEvent.fromJson(event.toJson()));
    assertTrue(
        new String(event.toJson(), UTF_8)
            .endsWith(
                "\"finish_reason\":\"length\","
                    + "\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":9,\"total_tokens\":13,"
                    + "\"prompt_tokens_details\":{\"cached_tokens\":3}},"
                    + "\"sparsity\":{\"density\":0.25,\"predicted_density\":0.5,\"recall\":0.75,"
                    + "\"cett\":0.0625,\"fallback\":0.5,\"layer_density\":[0.125,0.375]},"
                    + "\"timings\":{\"queue_ms\":1.0,\"prefill_ms\":2.5,\"decode_ms\":3000.0}}"));
  }

  @Test
  void whatOlderNodesDoNotSayIsNone() {
    var end =
        TokenEvent.fromJson(
                ("{\"id\":\"a\",\"attempt\":1,\"index\":0,\"token_ids\":[],\"text\":\"\","
                        + "\"node\":\"n\",\"finish_reason\":\"stop\","
                        + "\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":9}}")
                    .getBytes(UTF_8))
            .completion();
    var report =
        TelemetryJson.readNodeReport(
            ("{\"node\":\"n\",\"time\":\"2026-01-31T12:00:00Z\",\"model\":\"tiny\","
                    + "\"uptime_ms\":1,\"waiting\":0,\"running\":0,\"capacity\":8,"
                    + "\"kv_tokens_used\":0,\"kv_tokens_capacity\":64,\"prompt_tokens\":0,"
                    + "\"generated_tokens\":0,\"tokens_per_second\":0}")
                .getBytes(UTF_8));

    assertEquals(Optional.of(new Usage(4, 0, 9)), end.orElseThrow().usage());
    assertEquals(PrefixCacheReport.NONE, report.prefixCache());
    assertEquals(Duration.ZERO, report.longestWait());
    assertEquals(1, report.version());
    assertEquals(TimeHistogram.NONE, report.timeToFirstToken());
    assertEquals(FinishedRequests.NONE, report.finished());
  }

  @Test
  void refusalsReadAsWritten() {
    var event =
        new TokenEvent(
            "a", 1, 0, List.of(), "", "n", Optional.of(Completion.refused("top_p must be")));

    assertEquals(event, TokenEvent.fromJson(event.toJson()));
    assertTrue(event.terminal());
  }

  @Test
  void unknownFieldsAreIgnored() {
    var event =
        TokenEvent.fromJson(
            ("{\"id\":\"a\",\"attempt\":1,\"index\":0,\"token_ids\":[1],\"text\":\"x\","
                    + "\"node\":\"n\",\"mood\":[{}],\"finish_reason\":null}")
                .getBytes(UTF_8));

    assertEquals(new TokenEvent("a", 1, 0, List.of(1), "x", "n", Optional.empty()), event);
    assertFalse(event.terminal());
  }

  @Test
  void badEventsAreRefusedByField() {
    byte[] json =
        "{\"id\":\"a\",\"attempt\":0,\"index\":0,\"token_ids\":[1],\"text\":\"\",\"node\":\"n\"}"
            .getBytes(UTF_8);

    var serde = RivuletSerdes.tokenEvent().deserializer();

    var refusal = assertThrows(SerializationException.class, () -> serde.deserialize("t", json));
    assertEquals(
        "attempt must be a whole number from 1 to 2147483647, was 0", refusal.getMessage());
  }

  @Test
  void theDensityOfATokenReadsAsWrittenToFourDigits() {
    var event =
        new TokenEvent(
            "a",
            1,
            0,
            List.of(17),
            "sea",
            Optional.empty(),
            Optional.of(1.0 / 30),
            "n",
            Optional.empty());

    assertEquals(Optional.of(0.0333), TokenEvent.fromJson(event.toJson()).density());
    assertEquals(
        "{\"id\":\"a\",\"attempt\":1,\"index\":0,\"token_ids\":[17],\"text\":\"sea\","
            + "\"density\":0.0333,\"node\":\"n\",\"finish_reason\":null}",
        new String(event.toJson(), UTF_8));
  }

  @Test
  void telemetryIsToldApartByItsType() {
    var serde = RivuletSerdes.telemetryEvent();

    for (TelemetryEvent event : List.of(Reports.node(), Reports.sparsity(2))) {
      var headers = new RecordHeaders();
      CloudEvents.add(headers, event.type(), "/rivulet/nodes/n", "1", NOW);
      byte[] value = serde.serializer().serialize("t", headers, event);

      assertEquals(event, serde.deserializer().deserialize("t", headers, value));
    }
  }

  @Test
  void aSparsityReportNamesWhatItSaysAndLeavesOutWhatWasNotSeen() {
    var unaudited =
        new SparsityFigures(
            1,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            0,
            0,
            0,
            10,
            0,
            List.of(0L, 3L));
    var audited =
        new SparsityFigures(
            1.0 / 8,
            Optional.of(0.25),
            Optional.of(2.0 / 3),
            Optional.of(0.9),
            Optional.of(0.5),
            Optional.of(0.0625),
            Optional.of(0.35),
            3,
            1,
            2,
            20,
            40,
            List.of(3L, 0L));
    var report =
        new SparsityReport(
            2,
            "n",
            NOW,
            "tiny",
            Duration.ofSeconds(1),
            3,
            audited,
            List.of(0.5, 1.0),
            List.of(unaudited));

    assertEquals(
        "{\"version\":2,\"node\":\"n\",\"time\":\"2026-01-31T12:00:00Z\",\"model\":\"tiny\","
            + "\"window_ms\":1000.0,\"tokens\":3,"
            + "\"density\":0.125,\"predicted_density\":0.25,\"recall\":0.6667,\"recall_floor\":0.9,"
            + "\"precision\":0.5,\"cett\":0.0625,\"cett_ceiling\":0.35,\"audits\":3,\"fallback\":1.0,"
            + "\"fallen_back\":2,\"bytes_read\":20,\"bytes_skipped\":40,\"density_counts\":[3,0],"
            + "\"density_bounds\":[0.5,1.0],\"layers\":["
            + "{\"density\":1.0,\"audits\":0,\"fallback\":0.0,\"fallen_back\":0,"
            + "\"bytes_read\":10,\"bytes_skipped\":0,\"density_counts\":[0,3]}]}",
        new String(report.toJson(), UTF_8));
  }

  @Test
  void aSparsityReportOfThirtyTwoLayersIsSmall() {
    int bytes = Reports.sparsity(32).toJson().length;

    assertTrue(bytes < 16 << 10, bytes + " bytes");
  }

  @Test
  void aHistogramHasACountForEachBoundAndOneMore() {
    var refusal =
        assertThrows(
            MalformedMessageException.class,
            () ->
                TelemetryJson.readNodeReport(
                    new String(Reports.node().toJson(), UTF_8)
                        .replace("\"counts\":[0,7,0]", "\"counts\":[0,7]")
                        .getBytes(UTF_8)));

    assertEquals(
        "time_per_output_token.counts must have one element more than bounds_ms, 3, had 2",
        refusal.getMessage());
  }

  @Test
  void headersAreThoseOfTheKafkaBinding() {
    var headers = new RecordHeaders();
    CloudEvents.add(headers, MessageType.TOKEN, "/rivulet/nodes/n", "a/1/0", NOW);

    assertEquals(Optional.of("1.0"), CloudEvents.text(headers, "ce_specversion"));
    assertEquals(Optional.of("io.rivulet.token.v1"), CloudEvents.text(headers, "ce_type"));
    assertEquals(Optional.of("/rivulet/nodes/n"), CloudEvents.text(headers, "ce_source"));
    assertEquals(Optional.of("a/1/0"), CloudEvents.text(headers, "ce_id"));
    assertEquals(Optional.of("2026-01-31T12:00:00Z"), CloudEvents.text(headers, "ce_time"));
    assertEquals(Optional.of("application/json"), CloudEvents.text(headers, "content-type"));
  }

  @Test
  void aStreamKeepsTheFirstOfEachIndexAndTheFirstEnd() {
    var sequence = new TokenSequence("a");
    var end = Optional.of(Completion.refused("x"));

    assertTrue(sequence.accept(token(1, 0)));
    assertTrue(sequence.accept(token(1, 1)));
    assertFalse(sequence.accept(token(2, 0)));
    assertFalse(sequence.accept(new TokenEvent("b", 1, 7, List.of(), "", "n", end)));
    assertFalse(sequence.accept(token(2, 1)));
    assertTrue(sequence.accept(token(2, 2)));
    assertTrue(sequence.accept(new TokenEvent("a", 2, 3, List.of(), "", "n", end)));
    assertTrue(sequence.ended());
    assertFalse(sequence.accept(new TokenEvent("a", 3, 3, List.of(), "", "n", end)));
  }

  @Test
  void aTokenComputedAgainMayHaveBeenComputedMoreSparsely() {
    var sequence = new TokenSequence("a");

    assertTrue(sequence.accept(token(1, 0, Optional.of(0.25))));
    assertFalse(sequence.accept(token(2, 0, Optional.of(0.5))));
    assertFalse(sequence.accept(token(3, 0, Optional.empty())));
    assertTrue(sequence.accept(token(2, 1, Optional.of(0.5))));
  }

  @Test
  void aStreamFindsGaps() {
    var sequence = new TokenSequence("a");
    sequence.accept(token(1, 0));

    var lost = assertThrows(TokenStreamException.class, () -> sequence.accept(token(1, 2)));

    assertEquals("request a lost tokens: index 1 was expected and 2 came", lost.getMessage());
  }

  private static TokenEvent token(int attempt, int index) {
    return token(attempt, index, Optional.empty());
  }

  private static TokenEvent token(int attempt, int index, Optional<Double> density) {
    return new TokenEvent(
        "a", attempt, index, List.of(1), "x", Optional.empty(), density, "n", Optional.empty());
  }
}
