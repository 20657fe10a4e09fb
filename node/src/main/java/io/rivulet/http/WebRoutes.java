package io.rivulet.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** Which call goes where, and past which checks. */
final class WebRoutes implements Handler<HttpServerRequest> {

  private static final String ASSETS = "/assets/";

  /** What a path asks of callers, and what it does. */
  private record Route(List<CallCheck> checks, Handler<HttpServerRequest> handler) {}

  private final Map<String, Route> routes = new HashMap<>();
  private final Assets assets = new Assets();
  private final List<CallCheck> ofAll = new ArrayList<>();
  private final List<CallCheck> ofPage;
  private final List<CallCheck> ofApi;
  private final List<CallCheck> ofForms;

  WebRoutes(
      Vertx vertx,
      WebOptions options,
      Probes probes,
      TelemetryRoute telemetry,
      Prompting prompting) {
    var sessions = new Sessions();
    var cookie = new SessionCookie(options.tls().isPresent());
    var access = new Access(options, sessions, cookie);
    if (options.address().isLoopback()) {
      ofAll.add(new HostCheck(options.address().host()));
    }
    ofPage = List.of(access::withoutCertificate);
    ofForms = List.of(access::withoutCertificate, new SameOrigin());
    ofApi = List.of(access::withoutCertificate, new SameOrigin(), access::withoutToken);
    probes(new ProbeRoutes(vertx, probes));
    page(access, new SignIn(vertx, options, sessions, cookie));
    api(options, telemetry, new GenerateRoute(vertx, prompting));
  }

  private void probes(ProbeRoutes probes) {
    // Health stays open: what asks for it carries no secrets.
    get("/health/live", List.of(), probes::live);
    get("/health/ready", List.of(), probes::ready);
    get("/metrics", ofApi, probes::metrics);
  }

  private void page(Access access, SignIn signIn) {
    get(
        "/",
        ofPage,
        call -> {
          if (access.isKnown(call)) {
            assets.send("index.html", call);
          } else {
            Redirect.to("/sign-in", call.response());
          }
        });
    get(
        "/sign-in",
        ofPage,
        call -> {
          if (access.isKnown(call)) {
            Redirect.to("/", call.response());
          } else {
            assets.send("sign-in.html", call);
          }
        });
    post("/sign-in", ofForms, SignIn.MOST_FORM_BYTES, signIn::signIn);
    post("/sign-out", ofForms, SignIn.MOST_FORM_BYTES, signIn::signOut);
  }

  private void api(WebOptions options, TelemetryRoute telemetry, GenerateRoute generate) {
    get("/api/settings", ofApi, new SettingsRoute(options.token().isPresent())::handle);
    get("/api/telemetry", ofApi, telemetry::handle);
    post("/api/generate", ofApi, PromptReader.MOST_BYTES, generate::handle);
  }

  private void get(String path, List<CallCheck> checks, Handler<HttpServerRequest> handler) {
    routes.put(key(HttpMethod.GET, path), new Route(checks, handler));
  }

  private void post(
      String path,
      List<CallCheck> checks,
      int mostBytes,
      BiConsumer<HttpServerRequest, Buffer> handler) {
    routes.put(
        key(HttpMethod.POST, path),
        new Route(
            checks,
            call ->
                CallBody.read(
                    call, mostBytes, body -> guarded(call, () -> handler.accept(call, body)))));
  }

  private static String key(HttpMethod method, String path) {
    return method.name() + " " + path;
  }

  @Override
  public void handle(HttpServerRequest call) {
    SecurityHeaders.addTo(call.response());
    guarded(call, () -> serve(call));
  }

  private void serve(HttpServerRequest call) {
    Route route = find(call);
    Stream.concat(ofAll.stream(), route.checks().stream())
        .flatMap(check -> check.refusal(call).stream())
        .findFirst()
        .ifPresentOrElse(
            refusal -> refusal.send(call.response()), () -> route.handler().handle(call));
  }

  private Route find(HttpServerRequest call) {
    HttpMethod method = call.method().equals(HttpMethod.HEAD) ? HttpMethod.GET : call.method();
    String path = call.path();
    if (method.equals(HttpMethod.GET) && path.startsWith(ASSETS)) {
      // Nothing in them is secret, and the form to sign in looks like the page.
      String name = path.substring(ASSETS.length());
      return new Route(ofPage, there -> assets.send(name, there));
    }
    Optional<Route> found = Optional.ofNullable(routes.get(key(method, path)));
    return found.orElseThrow(
        () ->
            new CallRefusedException(
                isKnown(path)
                    ? new ApiError(405, "method", "this path has no such method", "use the other")
                    : ApiError.NOTHING_THERE));
  }

  private boolean isKnown(String path) {
    return routes.containsKey(key(HttpMethod.GET, path))
        || routes.containsKey(key(HttpMethod.POST, path));
  }

  private static void guarded(HttpServerRequest call, Runnable serving) {
    try {
      serving.run();
    } catch (CallRefusedException e) {
      e.error().send(call.response());
    } catch (RuntimeException e) {
      ApiError.failed(e).send(call.response());
    }
  }
}
