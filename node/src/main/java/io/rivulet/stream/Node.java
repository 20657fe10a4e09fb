package io.rivulet.stream;

import io.rivulet.engine.Engine;
import io.rivulet.metrics.NodeMetrics;
import io.rivulet.otlp.OtlpSettings;
import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.tracing.RequestTracer;
import io.vertx.core.Deployable;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
  private final RequestTracer tracer;
  private final NodeMetrics metrics;
  private final KafkaClients clients;
  private final DeadLetters deadLetters;
  private final Unacknowledged unacknowledged = new Unacknowledged();
  private final CompletableFuture<String> failed = new CompletableFuture<>();
  private final Vertx vertx;
  private final List<String> deployments = new ArrayList<>();
  private Health health;
  private int slots;

  private Node(NodeOptions options, Cluster cluster, OtlpSettings otlp) {
    this.options = options;
    this.cluster = cluster;
    tracer = new RequestTracer(options.nodeId(), otlp);
    metrics = new NodeMetrics(options.nodeId(), options.model(), otlp);
    clients = new KafkaClients(options.kafka(), metrics.kafka());
    deadLetters = new DeadLetters(options, clients, metrics.intake());
    vertx = metrics.vertx(LeanVertx.options());
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
    return start(options, engine, OtlpSettings.OFF);
  }

  /**
   * Starts a node that sends its metrics and traces as well.
   *
   * @param otlp where to
   * @see #start(NodeOptions, Engine)
   */
  public static Node start(NodeOptions options, Engine engine, OtlpSettings otlp) {
    var node = new Node(options, new Cluster(options.kafka()), otlp);
    try {
      node.start(engine);
      return node;
    } catch (RuntimeException e) {
      node.close();
      throw e;
    }
  }

  private void start(Engine engine) {
    metrics.bind(engine);
    metrics.intake().unacknowledged(unacknowledged::oldest);
    TopicSetup.createMissing(cluster, options);
    slots = options.intake().slots().orElse(engine.load().capacity());
    boolean share =
        switch (options.intake().kind()) {
          case AUTO -> ShareGroup.isSupported(cluster);
          case SHARE -> true;
          case GROUP -> false;
        };
    var publisher = new PublishVerticle(options, clients);
    deploy(publisher, ThreadingModel.VIRTUAL_THREAD);
    var telemetry = new TelemetryVerticle(options, engine, publisher);
    deploy(telemetry, ThreadingModel.VIRTUAL_THREAD);
    log.info("prompts come by a {} group", share ? "share" : "consumer");
    if (share) {
      var group = new ShareGroup(cluster, options);
      Admission admission =
          admission(
              engine,
              publisher,
              telemetry,
              new PublishedAnswers(options, false, publisher::awaitSent));
      var intake = new ShareIntake(options, clients, slots, group, admission);
      begin(intake, engine, publisher, new Membership(group.id(), group::isMember));
      group.awaitMembership();
    } else {
      var group = new ConsumerGroup(cluster, options);
      var relay = new Relay();
      // Of what it sent itself it knows how much, and waits for that.
      Admission admission =
          admission(engine, relay, telemetry, new PublishedAnswers(options, true, () -> {}));
      var intake = new GroupIntake(options, clients, slots, group, admission, relay);
      begin(intake, engine, publisher, new Membership(group.id(), group::isMember));
      group.awaitMembership();
    }
  }

  private void begin(
      Intake intake, Engine engine, PublishVerticle publisher, Membership membership) {
    slots = intake.slots();
    deploy(
        new IntakeVerticle(intake, options.intake().drainTimeout()), ThreadingModel.VIRTUAL_THREAD);
    deploy(membership, ThreadingModel.VIRTUAL_THREAD);
    health =
        new Health(
            engine,
            List.of(intake::alive),
            List.of(
                () -> new HealthReport.Check("model", true, options.model() + " is loaded"),
                membership::check,
                intake::serving,
                publisher::check,
                unacknowledged::check,
                deadLetters::check));
    metrics.checks(() -> health.ready().byName());
    var _ =
        engine
            .failed()
            .thenAccept(
                reason -> {
                  log.error("no more prompts are taken: {}", reason);
                  var _ = intake.drain(Duration.ZERO);
                  failed.complete(reason);
                });
  }

  private Admission admission(
      Engine engine, Publisher publisher, TelemetryVerticle telemetry, PublishedAnswers answers) {
    var cancels = new Cancels();
    deploy(
        new ControlVerticle(options, clients, cancels, metrics.intake()::cancelAsked),
        ThreadingModel.VIRTUAL_THREAD);
    var generation =
        new GenerationVerticle(options, engine, publisher, telemetry, deadLetters, unacknowledged);
    deploy(generation, ThreadingModel.EVENT_LOOP);
    return new Admission(
        generation,
        answers,
        cancels,
        new Monitor(metrics, tracer, options.model()),
        options.intake().attempts());
  }

  private void deploy(Deployable verticle, ThreadingModel threads) {
    String name = verticle.getClass().getSimpleName();
    var deploying =
        vertx.deployVerticle(verticle, new DeploymentOptions().setThreadingModel(threads));
    try {
      deployments.add(
          deploying.toCompletionStage().toCompletableFuture().get(15, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof KafkaUnavailableException unavailable) {
        throw unavailable;
      }
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

  /** Whether it is worth going on; if not, nothing but a restart helps. Never blocks. */
  public HealthReport live() {
    return health.live();
  }

  /** Whether it serves prompts as it should. Never blocks. */
  public HealthReport ready() {
    return health.ready();
  }

  /** Completes, with the reason in one line, when the node can take no more prompts. */
  public CompletionStage<String> failed() {
    return failed.minimalCompletionStage();
  }

  /** All that it measures. */
  public NodeMetrics metrics() {
    return metrics;
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
    deadLetters.close();
    cluster.close();
    tracer.close();
    metrics.close();
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
