package io.rivulet.http;

import io.rivulet.stream.LeanVertx;
import io.vertx.core.Vertx;
import java.net.URI;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP side: health, metrics, the live page of the whole fleet, and its API. It needs no node:
 * it answers from its start on, shows what the telemetry topic carries as soon as there is one, and
 * sends prompts to whichever node takes them.
 */
public final class WebServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(WebServer.class);
  private static final int PATIENCE_SECONDS = 15;

  private final Vertx vertx = Vertx.vertx(LeanVertx.options());
  private final WebOptions options;
  private final WebVerticle verticle;

  private WebServer(WebOptions options, Probes probes) {
    this.options = options;
    this.verticle = new WebVerticle(options, probes);
  }

  /**
   * Starts it and returns when it answers.
   *
   * @throws IllegalArgumentException when it would let everybody in and that was not said to be
   *     meant, or nobody knows its host
   * @throws WebStartException when the port is taken, or certificate or key cannot be used
   */
  public static WebServer start(WebOptions options, Probes probes) {
    options.requireGuarded();
    var server = new WebServer(options, probes);
    try {
      server.deploy();
      return server;
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private void deploy() {
    try {
      vertx
          .deployVerticle(verticle)
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new WebStartException(
          "the HTTP side cannot listen on "
              + options.address().shown()
              + ": "
              + e.getCause().getMessage()
              + "; choose another --http-port or --http-host, or check the --http-tls files",
          e);
    } catch (TimeoutException e) {
      throw new WebStartException("the HTTP side did not start in time; try again", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WebStartException("interrupted while starting the HTTP side", e);
    }
  }

  /** Where the page is. */
  public URI address() {
    String scheme = options.tls().isPresent() ? "https" : "http";
    return URI.create(scheme + "://" + options.address().shown(verticle.port()) + "/");
  }

  /** Ends all connections. */
  @Override
  public void close() {
    boolean interrupted = Thread.interrupted();
    try {
      vertx
          .close()
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      log.warn("the HTTP side did not stop in order: {}", e.toString());
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
