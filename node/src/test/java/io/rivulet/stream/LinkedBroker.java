package io.rivulet.stream;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.protocol.KafkaConnection;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A Kafka that can be reached directly and by a link, which can be cut. */
final class LinkedBroker implements AutoCloseable {

  private static final String HOST = "127.0.0.1";

  private final Vertx vertx = Vertx.vertx();
  private final NetClient client = vertx.createNetClient();
  private final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
  private final int target = SecureBroker.freePort();
  private final int port = SecureBroker.freePort();
  private final EmbeddedBroker broker;
  private NetServer server;

  /** Starts it, with the link. */
  LinkedBroker(Map<String, String> properties) {
    int direct = SecureBroker.freePort();
    broker = EmbeddedBroker.start(new EmbeddedBroker.Options(direct, withLink(direct, properties)));
    mend();
  }

  private Map<String, String> withLink(int direct, Map<String, String> properties) {
    int controller = SecureBroker.freePort();
    var all = new HashMap<>(properties);
    all.put("controller.quorum.voters", "1@" + HOST + ":" + controller);
    all.put(
        "listeners",
        "PLAINTEXT://%s:%d,LINK://%s:%d,CONTROLLER://%s:%d"
            .formatted(HOST, direct, HOST, target, HOST, controller));
    all.put(
        "advertised.listeners",
        "PLAINTEXT://%s:%d,LINK://%s:%d".formatted(HOST, direct, HOST, port));
    all.put(
        "listener.security.protocol.map",
        "PLAINTEXT:PLAINTEXT,LINK:PLAINTEXT,CONTROLLER:PLAINTEXT");
    all.put("inter.broker.listener.name", "PLAINTEXT");
    return all;
  }

  /** Straight to the broker. */
  KafkaConnection direct() {
    return KafkaConnection.to(broker.bootstrapServers());
  }

  /** Over the link. */
  KafkaConnection linked() {
    return KafkaConnection.to(HOST + ":" + port);
  }

  /** Connections over the link break, and no new ones come up. */
  void cut() {
    await(server.close());
    sockets.forEach(NetSocket::close);
  }

  /** New connections come up. */
  void mend() {
    server = vertx.createNetServer().connectHandler(this::connect);
    await(server.listen(port, HOST));
  }

  private void connect(NetSocket near) {
    near.pause();
    client
        .connect(target, HOST)
        .onSuccess(
            far -> {
              pipe(near, far);
              pipe(far, near);
            })
        .onFailure(failure -> near.close());
  }

  private void pipe(NetSocket from, NetSocket to) {
    sockets.add(from);
    from.pipeTo(to).onComplete(end -> sockets.remove(from));
  }

  private static void await(Future<?> future) {
    future.toCompletionStage().toCompletableFuture().join();
  }

  @Override
  public void close() {
    await(vertx.close());
    broker.close();
  }
}
