package io.rivulet.http;

import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.RivuletClient;
import java.time.Duration;
import java.util.Optional;

/** The client that sends prompts, connected when it is needed first: there must be topics. */
final class Prompting implements AutoCloseable {

  /** How long an answer may wait for its next token; prompts wait in queues. */
  private static final Duration SILENCE = Duration.ofMinutes(5);

  private final RivuletClient.Options options;
  private Optional<RivuletClient> client = Optional.empty();
  private boolean closed;

  Prompting(WebOptions options) {
    this.options =
        RivuletClient.Options.of(options.kafka()).withTopics(options.topics()).withSilence(SILENCE);
  }

  /**
   * Connects, if that has not been done.
   *
   * @throws KafkaUnavailableException when Kafka does not answer, or has not the topics
   * @throws IllegalStateException when this is closed
   */
  synchronized RivuletClient client() {
    if (closed) {
      throw new IllegalStateException("the HTTP side is closed");
    }
    if (client.isEmpty()) {
      client = Optional.of(RivuletClient.connect(options));
    }
    return client.get();
  }

  @Override
  public synchronized void close() {
    closed = true;
    client.ifPresent(RivuletClient::close);
  }
}
