package io.rivulet.http;

import io.rivulet.protocol.TelemetryEvent;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Serves HTTP while it is deployed. */
final class WebVerticle extends VerticleBase {

  /** For what sends nothing; streams send heartbeats more often. */
  private static final int IDLE_SECONDS = 60;

  private final WebOptions options;
  private final Probes probes;
  private final Prompting prompting;
  private Optional<TelemetryReader> reader = Optional.empty();
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
              reader = Optional.of(read(telemetry));
            });
  }

  private TelemetryReader read(TelemetryRoute telemetry) {
    return TelemetryReader.start(
        options.kafka(),
        options.topics().telemetry(),
        TelemetryRoute.KEPT,
        (List<TelemetryEvent> reports) ->
            context.runOnContext(handedOver -> telemetry.accept(reports)));
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
    reader.ifPresent(TelemetryReader::close);
    return vertx.executeBlocking(
        () -> {
          prompting.close();
          return true;
        });
  }
}
