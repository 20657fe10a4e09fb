package io.rivulet.http;

import io.rivulet.stream.HealthReport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.function.Supplier;
import tools.jackson.databind.node.JsonNodeFactory;

/** Health and metrics, for what supervises the process. */
final class ProbeRoutes {

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final Vertx vertx;
  private final Probes probes;

  ProbeRoutes(Vertx vertx, Probes probes) {
    this.vertx = vertx;
    this.probes = probes;
  }

  void live(HttpServerRequest call) {
    report(call, probes.live());
  }

  void ready(HttpServerRequest call) {
    report(call, probes.ready());
  }

  void metrics(HttpServerRequest call) {
    Future<String> text = vertx.executeBlocking(probes.metrics()::get, false);
    text.onSuccess(scrape -> send(call.response(), 200, PROMETHEUS, scrape))
        .onFailure(failure -> ApiError.failed(failure).send(call.response()));
  }

  private void report(HttpServerRequest call, Supplier<HealthReport> source) {
    Future<HealthReport> report = vertx.executeBlocking(source::get, false);
    report
        .onSuccess(
            health ->
                send(call.response(), health.ok() ? 200 : 503, "application/json", json(health)))
        .onFailure(failure -> ApiError.failed(failure).send(call.response()));
  }

  private static void send(HttpServerResponse response, int status, String type, String text) {
    var _ =
        response
            .setStatusCode(status)
            .putHeader(HttpHeaders.CONTENT_TYPE, type)
            .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
            .end(text);
  }

  private static String json(HealthReport health) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("status", health.ok() ? "ok" : "failing");
    var checks = json.putArray("checks");
    health
        .checks()
        .forEach(
            check ->
                checks
                    .addObject()
                    .put("name", check.name())
                    .put("ok", check.ok())
                    .put("detail", check.detail()));
    return json.toString();
  }
}
