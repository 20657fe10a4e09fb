package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.protocol.CloudEvents;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.MessageType;
import io.rivulet.protocol.TelemetryEvent;
import io.rivulet.protocol.TokenEvent;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends what the node has to say, in the order given: the engine's thread hands over and goes on,
 * the verticle's own virtual thread waits for Kafka where it must.
 */
final class PublishVerticle extends VerticleBase {

  private static final Logger log = LoggerFactory.getLogger(PublishVerticle.class);
  private static final Duration CLOSE = Duration.ofSeconds(10);

  private final NodeOptions options;
  private final String source;
  private KafkaProducer<byte[], byte[]> producer;

  PublishVerticle(NodeOptions options) {
    this.options = options;
    this.source = "/rivulet/nodes/" + options.nodeId();
  }

  @Override
  public Future<?> start() {
    var bytes = new ByteArraySerializer();
    producer =
        new KafkaProducer<>(
            options
                .kafka()
                .producer(
                    Map.of(
                        "client.id", options.nodeId(),
                        "linger.ms", 0,
                        "max.request.size", 4 << 20,
                        "max.block.ms", 10_000,
                        // Well within the time a claim on a prompt lasts, or nearly so.
                        "request.timeout.ms", 10_000,
                        "delivery.timeout.ms", 30_000),
                    Map.of("acks", "all", "enable.idempotence", true)),
            bytes,
            bytes);
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    KafkaConnection.closeUninterrupted(() -> producer.close(CLOSE));
    return Future.succeededFuture();
  }

  /** Sends a token, or the end: when Kafka has that, the attempt is published. */
  void token(Attempt attempt, TokenEvent event) {
    context.runOnContext(
        handedOver -> {
          if (attempt.abandoned()) {
            return;
          }
          if (attempt.claimExpired()) {
            attempt.fail(new IllegalStateException("the claim on the prompt has run out"));
            return;
          }
          send(attempt, event);
        });
  }

  private void send(Attempt attempt, TokenEvent event) {
    var record =
        new ProducerRecord<>(options.topics().tokens(), event.id().getBytes(UTF_8), event.toJson());
    String eventId = event.id() + "/" + event.attempt() + "/" + event.index();
    CloudEvents.add(record.headers(), MessageType.TOKEN, source, eventId, Instant.now());
    CloudEvents.carryTrace(attempt.trace(), record.headers());
    send(
        record,
        failure -> {
          if (failure.isPresent()) {
            attempt.fail(failure.get());
          } else if (event.terminal()) {
            attempt.published().complete(null);
          }
        });
  }

  /** Sends a dead letter, and says then whether that failed. */
  void deadLetter(ProducerRecord<byte[], byte[]> letter, Consumer<Optional<Exception>> then) {
    context.runOnContext(handedOver -> send(letter, then));
  }

  /** Sends a report; one that cannot be sent is lost, the next one follows. */
  void telemetry(TelemetryEvent event) {
    context.runOnContext(
        handedOver -> {
          var record =
              new ProducerRecord<>(
                  options.topics().telemetry(), event.node().getBytes(UTF_8), event.toJson());
          CloudEvents.add(
              record.headers(), event.type(), source, UUID.randomUUID().toString(), event.time());
          send(
              record,
              failure ->
                  failure.ifPresent(
                      error -> log.warn("a report was not sent: {}", error.getMessage())));
        });
  }

  private void send(ProducerRecord<byte[], byte[]> record, Consumer<Optional<Exception>> then) {
    try {
      var _ = producer.send(record, (sent, error) -> then.accept(Optional.ofNullable(error)));
    } catch (RuntimeException e) {
      then.accept(Optional.of(e));
    }
  }
}
