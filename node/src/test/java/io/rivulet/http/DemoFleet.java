package io.rivulet.http;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.engine.BatchEngine;
import io.rivulet.engine.EngineOptions;
import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.stream.Node;
import io.rivulet.stream.NodeOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Kafka, nodes over the model that ships, and the HTTP side, all in this process. */
final class DemoFleet implements AutoCloseable {

  private static final Path FOLDER = Path.of("..", "deploy", "model");

  private final EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0));
  private final KafkaConnection kafka = KafkaConnection.to(broker.bootstrapServers());
  private final LoadedModel model =
      LoadedModel.open(
          FOLDER.resolve("rivulet-tiny.gguf"),
          FOLDER.resolve("rivulet-tiny.profile.safetensors"),
          Kernels.select());
  private final List<BatchEngine> engines = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final WebServer server;

  DemoFleet(String... names) {
    for (String name : names) {
      nodes.add(start(name));
    }
    server = WebServer.start(WebOptions.onPort(0, kafka), probes());
  }

  private Probes probes() {
    Node first = nodes.getFirst();
    return new Probes(first::live, first::ready, first.metrics()::scrape);
  }

  /** Starts another node, which the caller closes. */
  Node start(String name) {
    var engine = BatchEngine.start(model, EngineOptions.DEFAULT.withThreads(1).withBatchSize(4));
    engines.add(engine);
    return Node.start(options(name), engine);
  }

  /** Another server of the fleet, which asks for a token. */
  WebServer guarded(AccessToken token) {
    return WebServer.start(WebOptions.onPort(0, kafka).withToken(token), probes());
  }

  private NodeOptions options(String name) {
    return NodeOptions.of(kafka, "rivulet-tiny")
        .withNodeId(name)
        .withPartitions(2)
        .withDefaultSparsity(SparsityMode.PREDICTED)
        .withDrainTimeout(Duration.ZERO);
  }

  KafkaConnection kafka() {
    return kafka;
  }

  String address() {
    return server.address().toString();
  }

  @Override
  public void close() {
    server.close();
    nodes.forEach(Node::close);
    engines.forEach(BatchEngine::close);
    model.close();
    broker.close();
  }
}
