package io.rivulet.stream;

import io.rivulet.engine.Engine;
import io.rivulet.protocol.KafkaUnavailableException;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running node: takes prompts from Kafka, has the engine continue them and sends the tokens back.
 */
public final class Node implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Node.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final NodeOptions options;
  private final Cluster cluster;
  private final Vertx vertx =
      Vertx.vertx(
          new VertxOptions()
              .setEventLoopPoolSize(1)
              .setWorkerPoolSize(2)
              .setInternalBlockingPoolSize(2)
              .setFileSystemOptions(
                  new FileSystemOptions()
                      .setFileCachingEnabled(false)
                      .setClassPathResolvingEnabled(false)));
  private final List<String> deployments = new ArrayList<>();
  private int slots;

  private Node(NodeOptions options, Cluster cluster) {
    this.options = options;
    this.cluster = cluster;
  }

  /**
   * Starts a node and returns when it takes prompts. Topics that do not exist are created.
   *
   * @param engine what generates; it stays the caller's, who closes it after the node
   * @throws KafkaUnavailableException when Kafka does not answer or does not do what is needed; the
   *     message names the address
   * @throws IllegalStateException when a part of the node does not start
   */
  public static Node start(NodeOptions options, Engine engine) {
    var node = new Node(options, new Cluster(options.kafka()));
    try {
      node.start(engine);
      return node;
    } catch (RuntimeException e) {
      node.close();
      throw e;
    }
  }

  private void start(Engine engine) {
    TopicSetup.createMissing(cluster, options);
    slots = options.intake().slots().orElse(engine.load().capacity());
    boolean share =
        switch (options.intake().kind()) {
          case AUTO -> ShareGroup.isSupported(cluster);
          case SHARE -> true;
          case GROUP -> false;
        };
    var publisher = new PublishVerticle(options);
    deploy(publisher, ThreadingModel.VIRTUAL_THREAD);
    var telemetry = new TelemetryVerticle(options, engine, publisher);
    deploy(telemetry, ThreadingModel.VIRTUAL_THREAD);
    log.info("prompts come by a {} group", share ? "share" : "consumer");
    if (share) {
      var group = new ShareGroup(cluster, options);
      Admission admission = admission(engine, publisher, telemetry, false);
      deploy(new ShareIntake(options, slots, group, admission));
      group.awaitMembership();
    } else {
      var group = new ConsumerGroup(cluster, options);
      var relay = new Relay();
      Admission admission = admission(engine, relay, telemetry, true);
      deploy(new GroupIntake(options, slots, group, admission, relay));
      group.awaitMembership();
    }
  }

  private Admission admission(
      Engine engine, Publisher publisher, TelemetryVerticle telemetry, boolean transactions) {
    var cancels = new Cancels();
    deploy(new ControlVerticle(options, cancels), ThreadingModel.VIRTUAL_THREAD);
    var generation = new GenerationVerticle(options, engine, publisher, telemetry);
    deploy(generation, ThreadingModel.EVENT_LOOP);
    return new Admission(generation, new PublishedAnswers(options, transactions), cancels);
  }

  private void deploy(Intake intake) {
    slots = intake.slots();
    deploy(
        new IntakeVerticle(intake, options.intake().drainTimeout()), ThreadingModel.VIRTUAL_THREAD);
  }

  private void deploy(Deployable verticle, ThreadingModel threads) {
    String name = verticle.getClass().getSimpleName();
    var deploying =
        vertx.deployVerticle(verticle, new DeploymentOptions().setThreadingModel(threads));
    try {
      deployments.add(
          deploying.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "the node did not start: " + name + ": " + e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("the node did not start: " + name + " took too long", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting " + name, e);
    }
  }

  /** What names the node in events. */
  public String id() {
    return options.nodeId();
  }

  /** How many prompts it takes at a time. */
  public int slots() {
    return slots;
  }

  /**
   * Takes no more prompts, finishes those it has within the drain timeout, hands the rest back to
   * Kafka for other nodes, and closes its clients.
   */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    for (String deployment : deployments.reversed()) {
      await(vertx.undeploy(deployment), options.intake().drainTimeout().plus(PATIENCE));
    }
    deployments.clear();
    await(vertx.close(), PATIENCE);
    cluster.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void await(Future<?> future, Duration patience) {
    try {
      future
          .toCompletionStage()
          .toCompletableFuture()
          .get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.warn("a part of the node did not stop in order: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
