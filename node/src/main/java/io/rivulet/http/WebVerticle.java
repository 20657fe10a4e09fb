package io.rivulet.http;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Serves HTTP while it is deployed. */
final class WebVerticle extends VerticleBase {

  /** For what sends nothing; streams send heartbeats more often. */
  private static final int IDLE_SECONDS = 60;

  private final WebOptions options;
  private final Probes probes;
  private final Prompting prompting;
  private Optional<TelemetryFeed> feed = Optional.empty();
  private volatile int port;

  WebVerticle(WebOptions options, Probes probes) {
    this.options = options;
    this.probes = probes;
    this.prompting = new Prompting(options);
  }

  @Override
  public Future<?> start() {
    var telemetry = new TelemetryRoute(vertx);
    return vertx
        .createHttpServer(serverOptions())
        .requestHandler(new WebRoutes(vertx, options, probes, telemetry, prompting))
        .listen(options.address().port(), options.address().host())
        .onSuccess(
            listening -> {
              port = listening.actualPort();
              feed = Optional.of(read(telemetry));
            });
  }

  private TelemetryFeed read(TelemetryRoute telemetry) {
    return TelemetryFeed.start(
        options,
        TelemetryRoute.KEPT,
        reports -> context.runOnContext(handedOver -> telemetry.accept(reports)));
  }

  private HttpServerOptions serverOptions() {
    var server =
        new HttpServerOptions().setIdleTimeout(IDLE_SECONDS).setIdleTimeoutUnit(TimeUnit.SECONDS);
    options
        .tls()
        .ifPresent(
            files -> {
              server
                  .setSsl(true)
                  .setUseAlpn(true)
                  .setKeyCertOptions(
                      new PemKeyCertOptions()
                          .setCertPath(files.certificate().toString())
                          .setKeyPath(files.key().toString()));
              files
                  .clientCa()
                  .ifPresent(
                      ca ->
                          server
                              // Not required by TLS itself, since health is open to all.
                              .setClientAuth(ClientAuth.REQUEST)
                              .setTrustOptions(new PemTrustOptions().addCertPath(ca.toString())));
            });
    return server;
  }

  /** Where it listens, once it does. */
  int port() {
    return port;
  }

  @Override
  public Future<?> stop() {
    return vertx.executeBlocking(
        () -> {
          feed.ifPresent(TelemetryFeed::close);
          prompting.close();
          return true;
        });
  }
}
