package io.rivulet.broker;

import io.rivulet.protocol.KafkaConnection;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A Kafka in the process for all tests of a class, on a port of its own. */
public final class RunningBroker implements BeforeAllCallback, AfterAllCallback {

  private EmbeddedBroker broker;

  @Override
  public void beforeAll(ExtensionContext context) {
    broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0));
  }

  @Override
  public void afterAll(ExtensionContext context) {
    broker.close();
  }

  /** Where it is. */
  public String bootstrapServers() {
    return broker.bootstrapServers();
  }

  /** To it. */
  public KafkaConnection connection() {
    return KafkaConnection.to(bootstrapServers());
  }
}
