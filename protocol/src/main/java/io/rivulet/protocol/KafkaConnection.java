package io.rivulet.protocol;

import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;

/**
 * How to reach Kafka.
 *
 * @param bootstrapServers {@code host:port}, several separated by commas
 * @param properties properties of Kafka's own clients, passed through; a key that begins with
 *     {@code producer.}, {@code consumer.} or {@code admin.} goes to that kind of client alone
 * @param timeout how long to try before Kafka counts as unreachable
 */
public record KafkaConnection(
    String bootstrapServers, Map<String, String> properties, Duration timeout) {

  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(15);

  private static final Pattern SERVERS =
      Pattern.compile("[^\\s,:]+:\\d{1,5}(,[^\\s,:]+:\\d{1,5})*|(\\[[0-9a-fA-F:]+\\]:\\d{1,5},?)+");

  public KafkaConnection {
    if (!SERVERS.matcher(bootstrapServers).matches()) {
      throw new IllegalArgumentException(
          "the bootstrap servers must be host:port, several separated by commas, was '"
              + bootstrapServers
              + "'");
    }
    properties = Map.copyOf(properties);
  }

  /** Reaches Kafka without further properties. */
  public static KafkaConnection to(String bootstrapServers) {
    return new KafkaConnection(bootstrapServers, Map.of(), DEFAULT_TIMEOUT);
  }

  /**
   * The configuration of a producer.
   *
   * @param defaults what the properties may override
   * @param required what they may not
   */
  public Map<String, Object> producer(Map<String, ?> defaults, Map<String, ?> required) {
    return client("producer.", defaults, required);
  }

  /** The configuration of a consumer; as {@link #producer}. */
  public Map<String, Object> consumer(Map<String, ?> defaults, Map<String, ?> required) {
    return client("consumer.", defaults, required);
  }

  /**
   * An administrative client of a Kafka that answers.
   *
   * @throws KafkaUnavailableException when it does not answer within the timeout
   */
  public Admin admin() {
    Admin admin = open(() -> Admin.create(client("admin.", Map.of(), Map.of())));
    try {
      admin.describeCluster().nodes().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      return admin;
    } catch (TimeoutException e) {
      admin.close(Duration.ZERO);
      throw unavailable(e);
    } catch (ExecutionException e) {
      admin.close(Duration.ZERO);
      throw unavailable(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closeUninterrupted(admin);
      throw new KafkaUnavailableException(
          "interrupted while connecting to Kafka at " + bootstrapServers, e);
    }
  }

  /**
   * Makes a client of Kafka.
   *
   * @throws KafkaUnavailableException when it cannot be made, mostly for a property that it cannot
   *     use; the message says which, without what is secret in it
   */
  public <C> C open(Supplier<C> client) {
    try {
      return client.get();
    } catch (KafkaException e) {
      throw notConfigured(e);
    }
  }

  /** A client of Kafka that could not be made, mostly for a property that it cannot use. */
  KafkaUnavailableException notConfigured(KafkaException failure) {
    // The outer ones say only which class was not made.
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    // Without the cause: its message may repeat what the secrets say.
    return new KafkaUnavailableException(
        "cannot connect to Kafka at "
            + bootstrapServers
            + ": "
            + Secrets.of(properties).hiddenIn(String.valueOf(cause.getMessage()))
            + "; check the address and the properties given");
  }

  private KafkaUnavailableException unavailable(Throwable cause) {
    return new KafkaUnavailableException(
        switch (cause) {
          case AuthenticationException refusal ->
              "Kafka at "
                  + bootstrapServers
                  + " refused the login: "
                  + Secrets.of(properties).hiddenIn(String.valueOf(refusal.getMessage()))
                  + "; check security.protocol and what sasl. and ssl. properties say";
          case TimeoutException _, org.apache.kafka.common.errors.TimeoutException _ ->
              cannotReach("no answer within " + timeout.toSeconds() + " s");
          default -> cannotReach(String.valueOf(cause.getMessage()));
        },
        cause);
  }

  private String cannotReach(String reason) {
    return "cannot reach Kafka at "
        + bootstrapServers
        + ": "
        + reason
        + "; start it there, or give another address"
        + (isEncrypted() ? "" : ", or security.protocol if it wants TLS");
  }

  private boolean isEncrypted() {
    return Stream.of("security.protocol", "admin.security.protocol")
        .anyMatch(key -> properties.getOrDefault(key, "").toUpperCase(Locale.ROOT).endsWith("SSL"));
  }

  /** Without what the properties say: passwords are among them. */
  @Override
  public String toString() {
    return "KafkaConnection[bootstrapServers="
        + bootstrapServers
        + ", properties="
        + new TreeSet<>(properties.keySet())
        + ", timeout="
        + timeout
        + "]";
  }

  /**
   * Closes a client of Kafka although the thread is interrupted, which would make Kafka leave its
   * threads behind; the interrupt is kept.
   */
  public static void closeUninterrupted(AutoCloseable client) {
    boolean interrupted = Thread.interrupted();
    try {
      client.close();
    } catch (Exception e) {
      throw new KafkaException("a client did not close", e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Map<String, Object> client(
      String kind, Map<String, ?> defaults, Map<String, ?> required) {
    var configuration = new HashMap<String, Object>(defaults);
    properties.forEach(
        (key, value) -> {
          if (!isOfOneKind(key)) {
            configuration.put(key, value);
          }
        });
    properties.forEach(
        (key, value) -> {
          if (key.startsWith(kind)) {
            configuration.put(key.substring(kind.length()), value);
          }
        });
    configuration.putAll(required);
    configuration.put("bootstrap.servers", bootstrapServers);
    return configuration;
  }

  private static boolean isOfOneKind(String key) {
    return key.startsWith("producer.") || key.startsWith("consumer.") || key.startsWith("admin.");
  }
}
