package io.rivulet.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.protocol.Cancel;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends prompts as long as not too many are unanswered, some with deadlines, some that are
 * cancelled, some that nobody can serve, and now and then many at once. Confined to one thread.
 */
final class Workload implements AutoCloseable {

  private static final int BURST = 30;

  /** A cancel that is to be sent. */
  private record Planned(long at, String id) {}

  private final RandomGenerator random;
  private final List<GenerationRequest> requests;
  private final List<Answer> answers;
  private final Topics topics;
  private final Ledger ledger;
  private final int inFlight;
  private final KafkaProducer<byte[], byte[]> producer;
  private final List<Planned> cancels = new ArrayList<>();
  private int number;

  Workload(
      RandomGenerator random,
      List<GenerationRequest> requests,
      List<Answer> answers,
      KafkaConnection kafka,
      Topics topics,
      Ledger ledger,
      int inFlight) {
    this.random = random;
    this.requests = requests;
    this.answers = answers;
    this.topics = topics;
    this.ledger = ledger;
    this.inFlight = inFlight;
    var bytes = new ByteArraySerializer();
    // However long the broker is away, each record is sent, and once.
    this.producer =
        new KafkaProducer<>(
            kafka.producer(
                Map.of(
                    "linger.ms", 0,
                    "max.request.size", 2 << 20,
                    "max.block.ms", 600_000,
                    "delivery.timeout.ms", 600_000),
                Map.of("acks", "all", "enable.idempotence", true)),
            bytes,
            bytes);
  }

  /** Sends until then, on the clock of nanoTime. */
  void run(long end) throws InterruptedException, ExecutionException {
    while (System.nanoTime() - end < 0) {
      while (ledger.open() < inFlight) {
        send();
      }
      if (random.nextInt(1500) == 0) {
        for (int i = 0; i < BURST; i++) {
          send();
        }
      }
      cancelWhatIsDue();
      Thread.sleep(20);
    }
    cancels.replaceAll(planned -> new Planned(System.nanoTime(), planned.id()));
    cancelWhatIsDue();
  }

  private void send() throws InterruptedException, ExecutionException {
    switch (random.nextInt(12)) {
      case 0 -> sendPoison();
      case 1 -> sendCancelled();
      case 2 -> sendWithDeadline();
      default -> send(false, request());
    }
  }

  /** What a prompt is answered, and the prompt under an id of its own. */
  private record Drawn(String id, GenerationRequest request, Answer answer) {}

  private Drawn request() {
    String id = "r" + number++;
    int which = random.nextInt(requests.size());
    return new Drawn(id, requests.get(which).withId(id), answers.get(which));
  }

  private void send(boolean mayEndEarly, Drawn drawn)
      throws InterruptedException, ExecutionException {
    ledger.add(new Sent.Prompt(drawn.id(), drawn.answer(), mayEndEarly));
    send(topics.prompts(), Optional.of(drawn.id()), Optional.of(drawn.request().toJson()));
  }

  private void sendCancelled() throws InterruptedException, ExecutionException {
    Drawn drawn = request();
    send(true, drawn);
    cancels.add(new Planned(System.nanoTime() + random.nextLong(4_000_000_000L), drawn.id()));
  }

  private void sendWithDeadline() throws InterruptedException, ExecutionException {
    Drawn drawn = request();
    Instant deadline = Instant.now().plus(Duration.ofMillis(random.nextInt(6_000)));
    GenerationRequest request = drawn.request();
    send(
        true,
        new Drawn(
            drawn.id(),
            new GenerationRequest(
                request.id(),
                request.model(),
                request.input(),
                request.maxTokens(),
                request.sampling(),
                request.stop(),
                request.topLogprobs(),
                request.sparsity(),
                Optional.of(deadline),
                request.priority(),
                request.includeUsage()),
            drawn.answer()));
  }

  private void cancelWhatIsDue() throws InterruptedException, ExecutionException {
    for (Planned planned : List.copyOf(cancels)) {
      if (planned.at() - System.nanoTime() <= 0) {
        cancels.remove(planned);
        var cancel = new Cancel(planned.id());
        send(topics.control(), Optional.of(planned.id()), Optional.of(cancel.toJson()));
      }
    }
  }

  private void sendPoison() throws InterruptedException, ExecutionException {
    String id = "p" + number++;
    String named = "{\"id\":\"" + id + "\",";
    switch (random.nextInt(7)) {
      case 0 -> sendPoison(Optional.empty(), Optional.empty(), "no JSON " + number);
      case 1 -> sendPoison(Optional.of(id), Optional.of(id), "[1, 2");
      case 2 -> sendPoison(Optional.of(id), Optional.empty(), named + "\"prompt\":17}");
      case 3 ->
          sendPoison(
              Optional.of(id), Optional.empty(), named + "\"prompt\":\"a\",\"model\":\"another\"}");
      case 4 ->
          sendPoison(
              Optional.of(id),
              Optional.of(id),
              named + "\"prompt\":\"" + "long ".repeat(120_000) + "\"}");
      case 5 ->
          sendPoison(
              Optional.of(id),
              Optional.of(id),
              named + "\"prompt\":\"" + "and then ".repeat(5_000) + "\",\"max_tokens\":5}");
      default -> {
        RecordMetadata sent = send(topics.prompts(), Optional.of(id), Optional.empty());
        ledger.add(
            new Sent.Poison(Optional.of(id), sent.toString().replace("@", "-"), Optional.empty()));
      }
    }
  }

  private void sendPoison(Optional<String> id, Optional<String> key, String value)
      throws InterruptedException, ExecutionException {
    byte[] bytes = value.getBytes(UTF_8);
    RecordMetadata sent = send(topics.prompts(), key, Optional.of(bytes));
    ledger.add(new Sent.Poison(id, sent.toString().replace("@", "-"), Optional.of(bytes)));
  }

  private RecordMetadata send(String topic, Optional<String> key, Optional<byte[]> value)
      throws InterruptedException, ExecutionException {
    byte[] keyBytes = key.map(text -> text.getBytes(UTF_8)).orElse(null);
    return producer.send(new ProducerRecord<>(topic, keyBytes, value.orElse(null))).get();
  }

  @Override
  public void close() {
    producer.close();
  }
}
