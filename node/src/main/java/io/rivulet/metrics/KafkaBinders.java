package io.rivulet.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import java.lang.reflect.Proxy;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * What Kafka's clients measure of themselves, while they are open. Each binding is closed with its
 * client. Thread-safe.
 */
public final class KafkaBinders implements AutoCloseable {

  private final MeterRegistry registry;

  /** Looks from time to time for metrics that came or went. */
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("kafka-metrics").daemon().factory());

  KafkaBinders(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Shows a producer's. */
  public AutoCloseable bind(Producer<?, ?> producer) {
    return bind(new KafkaClientMetrics(producer, Tags.empty(), watch));
  }

  /** Shows a consumer's. */
  public AutoCloseable bind(Consumer<?, ?> consumer) {
    return bind(new KafkaClientMetrics(consumer, Tags.empty(), watch));
  }

  /** Shows a share consumer's. */
  public AutoCloseable bind(ShareConsumer<?, ?> consumer) {
    // Micrometer does not know share consumers; of a consumer it uses this one method.
    var measured =
        (Consumer<?, ?>)
            Proxy.newProxyInstance(
                Consumer.class.getClassLoader(),
                new Class<?>[] {Consumer.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("metrics")) {
                    return consumer.metrics();
                  }
                  throw new UnsupportedOperationException(method.getName());
                });
    return bind(measured);
  }

  private AutoCloseable bind(KafkaClientMetrics metrics) {
    metrics.bindTo(registry);
    return metrics;
  }

  @Override
  public void close() {
    watch.shutdownNow();
  }
}
