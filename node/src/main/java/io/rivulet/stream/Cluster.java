package io.rivulet.stream;

import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.KafkaUnavailableException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;

/** Asks the cluster and waits for the answer. Thread-safe. */
final class Cluster implements AutoCloseable {

  private static final Duration ASK_AGAIN = Duration.ofMillis(100);

  private final KafkaConnection kafka;
  private final Admin admin;

  /**
   * A cluster that answers.
   *
   * @throws KafkaUnavailableException when it does not; the message names the address
   */
  Cluster(KafkaConnection kafka) {
    this.kafka = kafka;
    this.admin = kafka.admin();
  }

  Admin admin() {
    return admin;
  }

  KafkaConnection kafka() {
    return kafka;
  }

  /**
   * The answer.
   *
   * @param what is asked for, for the error: Kafka did not ...
   * @throws KafkaUnavailableException when there is none
   */
  <T> T await(String what, KafkaFuture<T> answer) {
    String servers = kafka.bootstrapServers();
    try {
      return answer.get(kafka.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new KafkaUnavailableException(
          "Kafka at " + servers + " did not " + what + ": " + e.getCause().getMessage(),
          e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaUnavailableException(
          "Kafka at " + servers + " did not " + what + " in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaUnavailableException("interrupted while waiting for Kafka at " + servers, e);
    }
  }

  /** Whether the feature's level in use is at least this. */
  boolean has(String feature, int level) {
    var features =
        await("describe its features", admin.describeFeatures().featureMetadata())
            .finalizedFeatures();
    return features.containsKey(feature) && features.get(feature).maxVersionLevel() >= level;
  }

  /** Asks until it is so, but no longer than Kafka may take to answer. */
  void awaitThat(BooleanSupplier isSo) {
    long deadline = System.nanoTime() + kafka.timeout().toNanos();
    while (!isSo.getAsBoolean()
        && System.nanoTime() - deadline < 0
        && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(ASK_AGAIN.toNanos());
    }
  }

  @Override
  public void close() {
    KafkaConnection.closeUninterrupted(admin);
  }
}
