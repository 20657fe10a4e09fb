package io.rivulet.stream;

import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.TelemetryEvent;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what the node has to say, in the order given: the engine's thread hands over and goes on,
 * the verticle's own virtual thread waits for Kafka where it must.
 */
final class PublishVerticle extends VerticleBase implements Publisher {

  private static final Logger log = LoggerFactory.getLogger(PublishVerticle.class);
  private static final Duration CLOSE = Duration.ofSeconds(10);
  private static final long WATCH = 50;

  private final NodeOptions options;
  private final KafkaClients clients;
  private final Trouble trouble = new Trouble();
  private final EventRecords events;

  /** Records that Kafka may not have yet, of each attempt. */
  private final Map<Attempt, Integer> underWay = new ConcurrentHashMap<>();

  private KafkaProducer<byte[], byte[]> producer;

  PublishVerticle(NodeOptions options, KafkaClients clients) {
    this.options = options;
    this.clients = clients;
    this.events = new EventRecords(options);
  }

  @Override
  public Future<?> start() {
    producer = open();
    vertx.setPeriodic(WATCH, tick -> stopUnclaimed());
    return Future.succeededFuture();
  }

  private KafkaProducer<byte[], byte[]> open() {
    return clients.producer(
        Map.of(
            "client.id", options.nodeId() + "-tokens",
            "linger.ms", 0,
            "max.request.size", 4 << 20,
            "max.block.ms", 10_000,
            "request.timeout.ms", 5_000,
            "delivery.timeout.ms", 10_000),
        Map.of("acks", "all", "enable.idempotence", true));
  }

  @Override
  public Future<?> stop() {
    KafkaConnection.closeUninterrupted(() -> producer.close(CLOSE));
    return Future.succeededFuture();
  }

  @Override
  public void publish(Publication publication) {
    // The engine may not have heard yet that a closing node hands it back.
    if (!publication.attempt().abandoned()) {
      context.runOnContext(handedOver -> publish(publication, 0));
    }
  }

  /** Publishes its records from one on, each when Kafka has the one before. */
  private void publish(Publication publication, int index) {
    Attempt attempt = publication.attempt();
    if (attempt.abandoned()) {
      return;
    }
    if (index == publication.records().size()) {
      if (publication.last()) {
        attempt.published().complete(null);
      }
      return;
    }
    var sender = producer;
    ProducerRecord<byte[], byte[]> record = publication.records().get(index);
    try {
      // A new producer waits for this; the claim may end meanwhile, and sending never waits then.
      var _ = sender.partitionsFor(record.topic());
    } catch (RuntimeException e) {
      trouble.begin(e);
      failed(attempt, sender, e);
      return;
    }
    if (!attempt.claimed()) {
      attempt.fail(new IllegalStateException("the claim on the prompt has run out"));
      return;
    }
    underWay.merge(attempt, 1, Integer::sum);
    send(
        record,
        failure -> {
          underWay.computeIfPresent(attempt, (each, count) -> count == 1 ? null : count - 1);
          if (failure.isPresent()) {
            failed(attempt, sender, failure.get());
          } else if (index + 1 < publication.records().size() || publication.last()) {
            context.runOnContext(sent -> publish(publication, index + 1));
          }
        });
  }

  private void failed(Attempt attempt, KafkaProducer<byte[], byte[]> sender, Exception failure) {
    attempt.fail(failure);
    // What waits in the producer behind the lost record must not be sent without it.
    sender.close(Duration.ZERO);
    context.runOnContext(closed -> replace(sender));
  }

  /**
   * What still waits in the producer when the claim is over must not be sent: it would follow what
   * the next owner says. It fails, and with it all that waits there.
   */
  private void stopUnclaimed() {
    if (!underWay.keySet().stream().allMatch(Attempt::claimed)) {
      var stuck = producer;
      stuck.close(Duration.ZERO);
      replace(stuck);
    }
  }

  /** Waits until Kafka has what was handed over before, or never will have it. */
  void awaitSent() {
    var sender = new CompletableFuture<KafkaProducer<byte[], byte[]>>();
    context.runOnContext(handedOver -> sender.complete(producer));
    sender.join().flush();
  }

  @SuppressWarnings("ReferenceEquality") // of several failures the first replaces it
  private void replace(KafkaProducer<byte[], byte[]> closed) {
    if (producer == closed) {
      producer = open();
    }
  }

  /** Sends a report; one that cannot be sent is lost, the next one follows. */
  void telemetry(TelemetryEvent event) {
    context.runOnContext(
        handedOver ->
            send(
                events.of(event),
                failure ->
                    failure.ifPresent(
                        error -> log.warn("a report was not sent: {}", error.getMessage()))));
  }

  private void send(ProducerRecord<byte[], byte[]> record, Consumer<Optional<Exception>> then) {
    try {
      var _ = producer.send(record, (sent, error) -> sent(Optional.ofNullable(error), then));
    } catch (RuntimeException e) {
      sent(Optional.of(e), then);
    }
  }

  private void sent(Optional<Exception> failure, Consumer<Optional<Exception>> then) {
    failure.ifPresentOrElse(trouble::begin, trouble::end);
    then.accept(failure);
  }

  /** Whether Kafka took what was sent last. */
  HealthReport.Check check() {
    return trouble.check("producer", "Kafka took what was sent last");
  }
}
