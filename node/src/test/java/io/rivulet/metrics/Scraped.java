package io.rivulet.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.engine.AuditOptions;
import io.rivulet.engine.BatchEngine;
import io.rivulet.engine.EngineOptions;
import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.GenerationRequestBuilder;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.Topics;
import io.rivulet.stream.IntakeKind;
import io.rivulet.stream.Node;
import io.rivulet.stream.NodeOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What nodes with the shipped model show to Prometheus after they have served a few prompts. */
final class Scraped {

  private static final Path MODEL = Path.of("..", "deploy", "model", "rivulet-tiny.gguf");
  private static final Path PROFILE = MODEL.resolveSibling("rivulet-tiny.profile.safetensors");
  private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
  private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{.*\\})? \\S+");

  private static Scraped once;

  /** All lines, of a share group's node and of a consumer group's. */
  final String text;

  private Scraped(String text) {
    this.text = text;
  }

  /** The same one for all tests. */
  static synchronized Scraped once() throws Exception {
    if (once == null) {
      once = serve();
    }
    return once;
  }

  /** The type of each family by its name. */
  Map<String, String> families() {
    var families = new TreeMap<String, String>();
    for (String line : text.lines().toList()) {
      Matcher type = TYPE.matcher(line);
      if (type.matches()) {
        families.put(type.group(1), type.group(2));
      }
    }
    return families;
  }

  /** The names of the samples. */
  Set<String> samples() {
    var samples = new TreeSet<String>();
    for (String line : text.lines().toList()) {
      Matcher sample = SAMPLE.matcher(line);
      if (!line.startsWith("#") && sample.matches()) {
        samples.add(sample.group(1));
      }
    }
    return samples;
  }

  private static Scraped serve() throws Exception {
    var options = EngineOptions.DEFAULT.withThreads(2).withAudits(new AuditOptions(1, 0.5, 0.5));
    try (var model = LoadedModel.open(MODEL, PROFILE, Kernels.select());
        var engine = BatchEngine.start(model, options);
        var broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0))) {
      var kafka = KafkaConnection.to(broker.bootstrapServers());
      return new Scraped(
          serve(kafka, engine, IntakeKind.SHARE) + serve(kafka, engine, IntakeKind.GROUP));
    }
  }

  private static String serve(KafkaConnection kafka, BatchEngine engine, IntakeKind intake)
      throws Exception {
    var topics = new Topics(intake + ".");
    NodeOptions options =
        NodeOptions.of(kafka, "rivulet-tiny")
            .withTopics(topics)
            .withDefaultSparsity(SparsityMode.PREDICTED)
            .withDrainTimeout(Duration.ZERO);
    options =
        options.withIntake(options.intake().withKind(intake).withGroupId("metrics-" + intake));
    try (Node node = Node.start(options, engine);
        RivuletClient client =
            RivuletClient.connect(RivuletClient.Options.of(kafka).withTopics(topics))) {
      answer(client, GenerationRequest.of("It was a dark night").maxTokens(8));
      answer(client, GenerationRequest.of("It was a dark night").maxTokens(8));
      answer(client, GenerationRequest.of("It was").model("another"));
      sendUnreadable(kafka, topics);
      String scrape = node.metrics().scrape();
      for (int i = 0; i < 200 && !scrape.contains("rivulet_dead_letters_total 2.0"); i++) {
        Thread.sleep(50);
        scrape = node.metrics().scrape();
      }
      return scrape;
    }
  }

  static void answer(RivuletClient client, GenerationRequestBuilder request) {
    try (var stream = client.submit(request.build())) {
      stream.forEachRemaining(event -> {});
    }
  }

  private static void sendUnreadable(KafkaConnection kafka, Topics topics) {
    var bytes = new ByteArraySerializer();
    try (var producer = new KafkaProducer<>(kafka.producer(Map.of(), Map.of()), bytes, bytes)) {
      var _ = producer.send(new ProducerRecord<>(topics.prompts(), "{".getBytes(UTF_8)));
    }
  }
}
