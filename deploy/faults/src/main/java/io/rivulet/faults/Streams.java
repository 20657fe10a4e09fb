package io.rivulet.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.protocol.CloudEvents;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Sparsity;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Keeps answers under way, and notes how old each token is when a consumer sees it. */
final class Streams implements AutoCloseable {

  private static final int TOKENS = 200;

  private final Topics topics;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Topic tokens;
  private final List<Long> ages = new ArrayList<>();
  private int sent;

  Streams(KafkaConnection kafka, Topics topics, int count) {
    this.topics = topics;
    var bytes = new ByteArraySerializer();
    producer = new KafkaProducer<>(kafka.producer(Map.of("linger.ms", 0), Map.of()), bytes, bytes);
    tokens = new Topic(kafka, topics.tokens());
    for (int i = 0; i < count; i++) {
      send();
    }
  }

  private void send() {
    String id = "s" + sent++;
    GenerationRequest request =
        GenerationRequest.of("Once upon a time number " + id + " was")
            .id(id)
            .maxTokens(TOKENS)
            .ignoreEos(true)
            .sparsity(Sparsity.EXACT)
            .build();
    var _ =
        producer.send(new ProducerRecord<>(topics.prompts(), id.getBytes(UTF_8), request.toJson()));
  }

  /** Reads tokens for a time; for each answer that ends the next is asked for. */
  void follow(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      tokens.poll(this::read);
    }
  }

  private void read(ConsumerRecord<byte[], byte[]> record) {
    Instant now = Instant.now();
    if (TokenEvent.fromJson(record.value()).terminal()) {
      send();
    } else {
      Instant generated =
          Instant.parse(CloudEvents.text(record.headers(), CloudEvents.TIME).orElseThrow());
      ages.add(Duration.between(generated, now).toNanos());
    }
  }

  void forget() {
    ages.clear();
  }

  int count() {
    return ages.size();
  }

  /** The age that a share of the tokens does not exceed. */
  double milliseconds(double share) {
    List<Long> sorted = ages.stream().sorted().toList();
    return sorted.isEmpty() ? Double.NaN : sorted.get((int) (share * (sorted.size() - 1))) / 1e6;
  }

  @Override
  public void close() {
    tokens.close();
    producer.close(Duration.ofSeconds(5));
  }
}
