package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.protocol.CloudEvents;
import io.rivulet.protocol.Completion;
import io.rivulet.protocol.DeadLetter;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.FinishedRequests;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.NodeReport;
import io.rivulet.protocol.PrefixCacheReport;
import io.rivulet.protocol.RequestSparsity;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.Sparsity;
import io.rivulet.protocol.SparsityFigures;
import io.rivulet.protocol.SparsityReport;
import io.rivulet.protocol.TelemetryEvent;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.TokenStream;
import io.rivulet.protocol.Topics;
import io.rivulet.protocol.Usage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 180, unit = TimeUnit.SECONDS)
class NodeTest {

  private static final Duration FAST = Duration.ofMillis(2);
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static EmbeddedBroker broker;
  private static KafkaConnection kafka;
  private Topics topics;

  @BeforeAll
  static void startBroker() {
    // Locks as short as the broker can be made to take, so that renewing them is seen at work.
    broker =
        EmbeddedBroker.start(
            new EmbeddedBroker.Options(
                0,
                Map.of(
                    "group.share.min.record.lock.duration.ms", "1000",
                    "group.share.record.lock.duration.ms", "2000")));
    kafka = KafkaConnection.to(broker.bootstrapServers());
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @BeforeEach
  void nameTopics(TestInfo test) {
    topics = new Topics(test.getTestMethod().orElseThrow().getName() + ".");
  }

  @Test
  void streamsTokensInOrderAndThenTheEnd() {
    try (var engine = new PacedEngine(FAST);
        var node = Node.start(options(), engine);
        var client = client();
        var stream =
            client.submit(GenerationRequest.of("once").id("a").maxTokens(12).seed(5).build())) {
      var events = drain(stream);

      for (int i = 0; i < 12; i++) {
        int token = PacedEngine.token("once", 5, i);
        assertEquals(
            new TokenEvent(
                "a",
                1,
                i,
                List.of(token),
                " w" + token,
                Optional.empty(),
                Optional.of(0.5),
                node.id(),
                Optional.empty()),
            events.get(i));
      }
      TokenEvent last = events.getLast();
      Completion end = last.completion().orElseThrow();
      assertEquals(12, last.index());
      assertEquals(List.of(), last.tokenIds());
      assertEquals(13, events.size());
      assertEquals(FinishReason.LENGTH, end.finishReason());
      assertEquals(Optional.of(new Usage(4, 3, 12)), end.usage());
      assertEquals(
          Optional.of(
              new RequestSparsity(
                  0.5,
                  Optional.of(0.5),
                  Optional.of(0.25),
                  Optional.of(0.125),
                  0.5,
                  List.of(0.25, 0.75))),
          end.sparsity());
      assertEquals(FAST.multipliedBy(12), end.timings().decode());
    }
  }

  @Test
  void eventsCarryHeadersAndTheTrace() throws Exception {
    try (var engine = new PacedEngine(FAST);
        var node = Node.start(options(), engine);
        var reader = TopicReader.records(broker.bootstrapServers(), topics.tokens())) {
      var prompt =
          new ProducerRecord<>(
              topics.prompts(),
              "k".getBytes(UTF_8),
              "{\"prompt\":\"x\",\"max_tokens\":1}".getBytes(UTF_8));
      String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
      prompt.headers().add("traceparent", trace.getBytes(UTF_8));
      send(prompt);

      var records = reader.until(PATIENCE, seen -> seen.size() == 2);

      for (int i = 0; i < 2; i++) {
        var headers = records.get(i).headers();
        assertArrayEquals("k".getBytes(UTF_8), records.get(i).key());
        assertEquals(Optional.of(trace), CloudEvents.text(headers, "traceparent"));
        assertEquals(Optional.of("k/1/" + i), CloudEvents.text(headers, CloudEvents.ID));
        assertEquals(
            Optional.of("io.rivulet.token.v1"), CloudEvents.text(headers, CloudEvents.TYPE));
        assertEquals(
            Optional.of("/rivulet/nodes/" + node.id()),
            CloudEvents.text(headers, CloudEvents.SOURCE));
      }
    }
  }

  @Test
  void setsAsideWhatItCannotReadAndSaysSoWhereThereIsAnId() throws Exception {
    try (var engine = new PacedEngine(FAST);
        var _ = Node.start(options().withPartitions(1), engine);
        var tokens = TopicReader.tokens(broker.bootstrapServers(), topics);
        var letters = TopicReader.records(broker.bootstrapServers(), topics.deadLetters())) {
      String large = "{\"id\":\"large\",\"prompt\":\"" + "x".repeat(600_000) + "\"}";
      var values =
          List.of(
              "not json",
              "{\"id\":\"typed\",\"prompt\":5}",
              large,
              "{\"id\":\"zero\",\"prompt\":\"x\",\"max_tokens\":0}",
              "{\"id\":\"long\",\"prompt\":\"x\",\"max_tokens\":1001}",
              "{\"id\":\"empty\",\"prompt\":\"\"}",
              "{\"id\":\"other\",\"prompt\":\"x\",\"model\":\"unknown\"}",
              "{\"id\":\"good\",\"prompt\":\"x\",\"max_tokens\":1}");
      for (String value : values) {
        var prompt = new ProducerRecord<byte[], byte[]>(topics.prompts(), value.getBytes(UTF_8));
        prompt.headers().add("mine", new byte[] {1, 2});
        send(prompt);
      }

      var refused = letters.until(PATIENCE, seen -> seen.size() == 7);
      var events = tokens.until(PATIENCE, seen -> seen.size() == 8);

      for (ConsumerRecord<byte[], byte[]> letter : refused) {
        var why = DeadLetter.read(letter.headers()).orElseThrow();
        assertEquals(topics.prompts(), why.topic());
        assertEquals(values.get((int) why.offset()), new String(letter.value(), UTF_8));
        assertArrayEquals(new byte[] {1, 2}, letter.headers().lastHeader("mine").value());
        assertEquals(why.offset() == 4 || why.offset() == 6 ? "admit" : "read", why.stage());
      }
      assertEquals(
          Map.of(
              "typed", "prompt must be a string, was 5",
              "large", "the request must be at most 524288 bytes, was 600026",
              "zero", "max_tokens must be a whole number from 1 to 16777216, was 0",
              "long", "max_tokens must be at most 1000, was 1001",
              "empty", "prompt is empty: give it at least one character",
              "other", "model 'unknown' is not served here: this node has test"),
          reasons(events));
    }
  }

  @Test
  void keepsItsClaimOnAPromptThatOutlastsTheLock() {
    try (var engine = new PacedEngine(Duration.ofMillis(100));
        var _ = Node.start(options(), engine);
        var client = client();
        var reader = TopicReader.tokens(broker.bootstrapServers(), topics)) {
      client.send(GenerationRequest.of("long").id("a").maxTokens(60).build());

      var events = reader.until(PATIENCE, seen -> seen.size() >= 61);

      assertEquals(
          IntStream.rangeClosed(0, 60).boxed().toList(),
          events.stream().map(TokenEvent::index).toList());
      assertEquals(Set.of(1), Set.copyOf(events.stream().map(TokenEvent::attempt).toList()));
    }
  }

  @Test
  void twoNodesShareOnePartition() {
    try (var engine = new PacedEngine(Duration.ofMillis(10));
        var first = Node.start(options().withPartitions(1).withSlots(2), engine);
        var second = Node.start(options().withPartitions(1).withSlots(2), engine);
        var client = client();
        var reader = TopicReader.tokens(broker.bootstrapServers(), topics)) {
      for (int i = 0; i < 20; i++) {
        client.send(GenerationRequest.of("prompt " + i).id("r" + i).maxTokens(20).build());
      }

      var events = reader.until(PATIENCE, seen -> seen.size() >= 20 * 21);

      var nodes = new HashSet<>(events.stream().map(TokenEvent::node).toList());
      assertEquals(Set.of(first.id(), second.id()), nodes);
      for (int i = 0; i < 20; i++) {
        String id = "r" + i;
        assertEquals(
            IntStream.rangeClosed(0, 20).boxed().toList(),
            events.stream().filter(event -> event.id().equals(id)).map(TokenEvent::index).toList());
      }
    }
  }

  @Test
  void reportsWhatItDoes() {
    try (var engine = new PacedEngine(FAST);
        var node = Node.start(options(), engine);
        var client = client();
        var stream = client.submit(GenerationRequest.of("x").id("a").maxTokens(9).build());
        var reader = TopicReader.records(broker.bootstrapServers(), topics.telemetry())) {
      assertEquals(10, drain(stream).size());

      var records =
          reader.until(
              PATIENCE,
              seen ->
                  windows(telemetry(seen)).stream().mapToLong(SparsityReport::tokens).sum() == 9);

      var reports = telemetry(records);
      for (SparsityReport window : windows(reports)) {
        long tokens = window.tokens();
        assertEquals("test", window.model());
        assertEquals(TelemetryEvent.VERSION, window.version());
        assertEquals(firstLayer(tokens), window.layers().getFirst());
        assertEquals(secondLayer(tokens), window.layers().getLast());
        assertEquals(bothLayers(tokens), window.all());
      }
      NodeReport last = nodeReports(reports).getLast();
      assertEquals(9, last.generatedTokens());
      assertEquals(new PrefixCacheReport(9, 7, 64, 32), last.prefixCache());
      assertEquals(new FinishedRequests(0, 1, 0, 0, 0), last.finished());
      assertEquals(Duration.ofSeconds(1), last.interval());
      assertEquals(2, last.threads());
      assertEquals(Sparsity.EXACT, last.sparsity());
      assertTrue(reports.stream().allMatch(event -> event.node().equals(node.id())));
      assertArrayEquals(node.id().getBytes(UTF_8), records.getFirst().key());
    }
  }

  @Test
  void whatWindowsSayAddsUp() {
    try (var engine = new PacedEngine(FAST);
        var _ = Node.start(options().withTelemetryInterval(Duration.ofMillis(200)), engine);
        var client = client();
        var reader = TopicReader.records(broker.bootstrapServers(), topics.telemetry())) {
      List<NodeReport> reports = List.of();
      for (int i = 1; i <= 3; i++) {
        client.send(GenerationRequest.of("x").id("r" + i).maxTokens(20).build());
        int tokens = 20 * i;
        reports =
            nodeReports(
                telemetry(
                    reader.until(
                        PATIENCE, seen -> counted(nodeReports(telemetry(seen))) == tokens)));
      }

      for (NodeReport report : reports) {
        long steps = report.timePerOutputToken().count();
        double seconds = report.window().toNanos() / 1e9;
        assertEquals(report.timePerOutputToken().sum(), Duration.ofMillis(5 * steps));
        assertEquals(steps == 0 ? Optional.empty() : Optional.of(2.0), report.batchSize());
        assertEquals(steps / seconds, report.tokensPerSecond(), 0.01);
        assertEquals(1000 * steps / seconds, (double) report.weightBytesPerSecond(), 1);
      }
    }
  }

  private static long counted(List<NodeReport> reports) {
    return reports.stream().mapToLong(report -> report.timePerOutputToken().count()).sum();
  }

  @Test
  void reportsNothingWhereItIsToldTo() {
    try (var engine = new PacedEngine(FAST)) {
      var silent = options().withNodeId("silent").withTelemetryInterval(Duration.ZERO);
      try (var _ = Node.start(silent, engine);
          var client = client();
          var stream = client.submit(GenerationRequest.of("x").id("a").maxTokens(9).build())) {
        drain(stream);
      }
      try (var _ = Node.start(options().withNodeId("loud"), engine);
          var reader = TopicReader.records(broker.bootstrapServers(), topics.telemetry())) {
        var reports = telemetry(reader.until(PATIENCE, seen -> !seen.isEmpty()));

        assertEquals(
            Set.of("loud"), reports.stream().map(TelemetryEvent::node).collect(Collectors.toSet()));
      }
    }
  }

  /** What the paced engine comes to. */
  private static SparsityFigures firstLayer(long tokens) {
    return new SparsityFigures(
        0.25,
        Optional.of(0.5),
        Optional.of(0.25),
        Optional.of(0.9),
        Optional.of(0.5),
        Optional.of(0.125),
        Optional.of(0.25),
        tokens,
        0,
        0,
        10 * tokens,
        30 * tokens,
        PacedEngine.counts(9, tokens));
  }

  private static SparsityFigures secondLayer(long tokens) {
    return new SparsityFigures(
        0.75,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(0.75),
        0,
        1,
        1,
        40 * tokens,
        0,
        PacedEngine.counts(11, tokens));
  }

  private static SparsityFigures bothLayers(long tokens) {
    return new SparsityFigures(
        0.5,
        Optional.of(0.5),
        Optional.of(0.25),
        Optional.of(0.9),
        Optional.of(0.5),
        Optional.of(0.125),
        Optional.of(0.5),
        tokens,
        0.5,
        1,
        50 * tokens,
        30 * tokens,
        IntStream.range(0, 12).mapToObj(i -> i == 9 || i == 11 ? tokens : 0).toList());
  }

  private static List<NodeReport> nodeReports(List<TelemetryEvent> events) {
    return events.stream()
        .filter(NodeReport.class::isInstance)
        .map(NodeReport.class::cast)
        .toList();
  }

  private static List<SparsityReport> windows(List<TelemetryEvent> events) {
    return events.stream()
        .filter(SparsityReport.class::isInstance)
        .map(SparsityReport.class::cast)
        .toList();
  }

  @Test
  void closingHandsBackWhatItCannotFinish() {
    try (var slow = new PacedEngine(Duration.ofMillis(200));
        var fast = new PacedEngine(FAST);
        var client = client(options(), fast);
        var reader = TopicReader.tokens(broker.bootstrapServers(), topics)) {
      var first = Node.start(options().withDrainTimeout(Duration.ofMillis(300)), slow);
      client.send(GenerationRequest.of("x").id("a").maxTokens(500).build());
      reader.until(PATIENCE, seen -> seen.size() >= 2);
      first.close();

      try (var second = Node.start(options(), fast)) {
        var events = reader.until(PATIENCE, seen -> seen.stream().anyMatch(TokenEvent::terminal));

        TokenEvent last = events.getLast();
        assertEquals(2, last.attempt());
        assertEquals(second.id(), last.node());
        assertEquals(500, last.index());
        assertEquals(1, events.stream().filter(event -> event.completion().isPresent()).count());
        assertSameTokensAtSameIndex(events);
      }
    }
  }

  @Test
  void closingFinishesWhatFitsTheDrainTimeout() {
    try (var engine = new PacedEngine(Duration.ofMillis(50));
        var client = client(options(), engine);
        var reader = TopicReader.tokens(broker.bootstrapServers(), topics)) {
      var node = Node.start(options(), engine);
      client.send(GenerationRequest.of("x").id("a").maxTokens(20).build());
      reader.until(PATIENCE, seen -> !seen.isEmpty());

      node.close();

      var events = reader.until(PATIENCE, seen -> seen.size() >= 21);
      assertEquals(FinishReason.LENGTH, events.getLast().completion().orElseThrow().finishReason());
    }
  }

  @Test
  void aDeadlineEndsTheStream() {
    try (var engine = new PacedEngine(Duration.ofMillis(50));
        var _ = Node.start(options(), engine);
        var client = client();
        var late =
            client.submit(
                GenerationRequest.of("x").deadline(Instant.now().minusSeconds(1)).build());
        var cut =
            client.submit(
                GenerationRequest.of("x")
                    .maxTokens(1000)
                    .deadline(Instant.now().plusSeconds(3))
                    .build())) {
      var lateEvents = drain(late);
      var cutEvents = drain(cut);

      assertEquals(1, lateEvents.size());
      assertEquals(
          FinishReason.DEADLINE, lateEvents.getFirst().completion().orElseThrow().finishReason());
      Completion end = cutEvents.getLast().completion().orElseThrow();
      assertEquals(FinishReason.DEADLINE, end.finishReason());
      assertEquals(cutEvents.size() - 1, end.usage().orElseThrow().completionTokens());
      assertTrue(cutEvents.size() < 1000);
    }
  }

  @Test
  void namesTheKafkaThatIsNotThere() {
    var nowhere = new KafkaConnection("127.0.0.1:1", Map.of(), Duration.ofSeconds(1));
    try (var engine = new PacedEngine(FAST)) {
      var failure =
          assertThrows(
              KafkaUnavailableException.class,
              () -> Node.start(NodeOptions.of(nowhere, "test"), engine));

      assertTrue(failure.getMessage().contains("127.0.0.1:1"), failure.getMessage());
    }
  }

  @Test
  void saysWhichPropertyKafkasClientsCannotUse() {
    var bad =
        new KafkaConnection(
            broker.bootstrapServers(),
            Map.of("producer.compression.type", "none-such"),
            Duration.ofSeconds(10));
    try (var engine = new PacedEngine(FAST)) {
      var options = NodeOptions.of(bad, "test").withTopics(topics);

      var failure =
          assertThrows(KafkaUnavailableException.class, () -> Node.start(options, engine));

      assertTrue(failure.getMessage().contains("none-such"), failure.getMessage());
    }
  }

  private NodeOptions options() {
    return NodeOptions.of(kafka, "test")
        .withTopics(topics)
        .withGroupId(topics.prefix() + "group")
        .withDrainTimeout(Duration.ofSeconds(5));
  }

  private RivuletClient client() {
    return RivuletClient.connect(new RivuletClient.Options(kafka, topics, PATIENCE));
  }

  /** A client where no node has made the topics yet. */
  private RivuletClient client(NodeOptions options, PacedEngine engine) {
    Node.start(options, engine).close();
    return client();
  }

  private static List<TokenEvent> drain(TokenStream stream) {
    var events = new ArrayList<TokenEvent>();
    stream.forEachRemaining(events::add);
    return events;
  }

  private static void send(ProducerRecord<byte[], byte[]> record)
      throws ExecutionException, InterruptedException {
    var bytes = new ByteArraySerializer();
    try (var producer =
        new KafkaProducer<>(
            Map.<String, Object>of("bootstrap.servers", broker.bootstrapServers()), bytes, bytes)) {
      producer.send(record).get();
    }
  }

  private static List<TelemetryEvent> telemetry(List<ConsumerRecord<byte[], byte[]>> records) {
    return records.stream()
        .map(
            record ->
                TelemetryEvent.fromJson(
                    CloudEvents.text(record.headers(), CloudEvents.TYPE).orElseThrow(),
                    record.value()))
        .toList();
  }

  private static Map<String, String> reasons(List<TokenEvent> events) {
    var reasons = new TreeMap<String, String>();
    for (TokenEvent event : events) {
      event
          .completion()
          .flatMap(Completion::error)
          .ifPresent(error -> reasons.put(event.id(), error));
    }
    return reasons;
  }

  static void assertSameTokensAtSameIndex(List<TokenEvent> events) {
    var tokens = new HashMap<String, List<Integer>>();
    for (TokenEvent event : events) {
      if (!event.terminal()) {
        List<Integer> first =
            tokens.putIfAbsent(event.id() + "/" + event.index(), event.tokenIds());
        assertTrue(first == null || first.equals(event.tokenIds()), event.toString());
      }
    }
  }
}
