package io.rivulet.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.protocol.KafkaConnection;
import io.rivulet.stream.HealthReport;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the HTTP side answers, and to whom; Kafka is not there. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WebServerTest {

  private static final String TOKEN = "a-token-of-some-length";

  @TempDir private Path folder;

  private static final Probes PROBES =
      new Probes(
          () -> health(true, "it runs"),
          () -> health(false, "the model is being loaded"),
          () -> "# HELP up Whether.\nup 1\n");

  private static HealthReport health(boolean ok, String detail) {
    return new HealthReport(List.of(new HealthReport.Check("node", ok, detail)));
  }

  /** There is nothing at port 1. */
  private static WebOptions options() {
    return WebOptions.onPort(0, KafkaConnection.to("127.0.0.1:1"));
  }

  private static WebOptions withToken() {
    return options().withToken(AccessToken.of(TOKEN, "the test"));
  }

  @Test
  void tellsOfHealthBeforeThereIsANode() {
    try (var server = WebServer.start(options(), PROBES)) {
      var live = Call.get("/health/live").to(server.address());
      var ready = Call.get("/health/ready").to(server.address());

      assertEquals(200, live.status());
      assertEquals(503, ready.status());
      assertEquals(
          "{\"status\":\"failing\",\"checks\":[{\"name\":\"node\",\"ok\":false,\"detail\":\"the"
              + " model is being loaded\"}]}",
          ready.body());
    }
  }

  @Test
  void showsMetricsAsPrometheusReadsThem() {
    try (var server = WebServer.start(options(), PROBES)) {
      var metrics = Call.get("/metrics").to(server.address());

      assertEquals(
          Optional.of("text/plain; version=0.0.4; charset=utf-8"), metrics.header("Content-Type"));
      assertEquals("# HELP up Whether.\nup 1\n", metrics.body());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/assets/main.js", "/health/live", "/api/settings", "/nothing"})
  void tellsBrowsersToRunOnlyWhatComesFromHere(String path) {
    try (var server = WebServer.start(options(), PROBES)) {
      var answer = Call.get(path).to(server.address());

      String policy = answer.header("Content-Security-Policy").orElseThrow();
      assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
      assertTrue(policy.contains("frame-ancestors 'none'"), policy);
      assertFalse(policy.contains("unsafe"), policy);
      assertEquals(Optional.of("nosniff"), answer.header("X-Content-Type-Options"));
      assertEquals(Optional.of("same-origin"), answer.header("Referrer-Policy"));
      assertEquals(Optional.of("same-origin"), answer.header("Cross-Origin-Opener-Policy"));
      assertTrue(answer.header("Permissions-Policy").isPresent());
    }
  }

  @Test
  void sendsThePagesFilesOnceWhileTheyStayTheSame() {
    try (var server = WebServer.start(options(), PROBES)) {
      var first = Call.get("/").to(server.address());
      String tag = first.header("ETag").orElseThrow();

      var second = Call.get("/").with("If-None-Match", tag).to(server.address());

      assertEquals(200, first.status());
      assertEquals(Optional.of("no-cache"), first.header("Cache-Control"));
      assertTrue(first.body().contains("<title>Rivulet</title>"));
      assertEquals(304, second.status());
      assertEquals("", second.body());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/assets/..%2f..%2fcli/Rivulet.class",
        "/assets/../page/index.html",
        "/assets/none.js",
        "/assets/",
        "/index.html"
      })
  void sendsNothingButThePagesFiles(String path) {
    try (var server = WebServer.start(options(), PROBES)) {
      var answer = Call.get(path).to(server.address());

      assertEquals(404, answer.status());
      assertTrue(answer.body().startsWith("{\"error\":{\"field\":\"path\","), answer.body());
    }
  }

  @Test
  void doesNotListenForOthersUnguarded() {
    var refusal =
        assertThrows(
            IllegalArgumentException.class, () -> WebServer.start(elsewhere(options()), PROBES));

    assertEquals(
        "--http-host 0.0.0.0 lets other machines in with nothing to stop them: give"
            + " --http-token-file FILE or --http-tls-client-ca FILE, or --http-open if everybody"
            + " who reaches it may use it",
        refusal.getMessage());
  }

  @Test
  void listensForOthersWithATokenOrWhereThatIsMeant() {
    WebServer.start(elsewhere(withToken()), PROBES).close();
    WebServer.start(elsewhere(options()).withOpen(true), PROBES).close();
  }

  private static WebOptions elsewhere(WebOptions options) {
    return options.withAddress(new ListenAddress("0.0.0.0", 0));
  }

  @Test
  void saysThatAPortIsTaken() {
    try (var server = WebServer.start(options(), PROBES)) {
      var address = new ListenAddress("127.0.0.1", server.address().getPort());

      var failure =
          assertThrows(
              WebStartException.class,
              () -> WebServer.start(options().withAddress(address), PROBES));

      assertTrue(
          failure
              .getMessage()
              .startsWith("the HTTP side cannot listen on " + address.shown() + ": "),
          failure.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:80, 200",
    "127.0.0.1, 200",
    "[::1]:8080, 200",
    "rebound.example:80, 421",
    "10.0.0.1, 421"
  })
  void answersOnlyUnderTheNamesOfThisMachine(String host, int status) {
    try (var server = WebServer.start(options(), PROBES)) {
      assertEquals(
          status, Call.get("/api/settings").with("Host", host).to(server.address()).status());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Origin, https://evil.example, 403",
    "Origin, null, 403",
    "Origin, http://127.0.0.1:1, 403",
    "Sec-Fetch-Site, cross-site, 403",
    "Sec-Fetch-Site, same-site, 403",
    "Sec-Fetch-Site, same-origin, 200",
    "Sec-Fetch-Site, none, 200"
  })
  void pagesOfOtherSitesMayNotCall(String header, String value, int status) {
    try (var server = WebServer.start(options(), PROBES)) {
      assertEquals(
          status, Call.get("/api/settings").with(header, value).to(server.address()).status());
      assertEquals(
          status == 200 ? 400 : 403,
          Call.post("/api/generate", "application/json", "{}")
              .with(header, value)
              .to(server.address())
              .status());
    }
  }

  @Test
  void itsOwnPageMayCall() {
    try (var server = WebServer.start(options(), PROBES)) {
      String origin = "http://127.0.0.1:" + server.address().getPort();

      assertEquals(
          200, Call.get("/api/settings").with("Origin", origin).to(server.address()).status());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/settings", "/api/telemetry", "/metrics"})
  void asksForTheToken(String path) {
    try (var server = WebServer.start(withToken(), PROBES)) {
      var without = Call.get(path).to(server.address());
      var wrong =
          Call.get(path).with("Authorization", "Bearer " + TOKEN + "x").to(server.address());

      assertEquals(401, without.status());
      assertEquals(Optional.of("Bearer realm=\"rivulet\""), without.header("WWW-Authenticate"));
      assertEquals(401, wrong.status());
      assertFalse(wrong.body().contains(TOKEN));
    }
  }

  @Test
  void letsInWhoHasTheToken() {
    try (var server = WebServer.start(withToken(), PROBES)) {
      var bearer = Call.get("/metrics").with("Authorization", "Bearer " + TOKEN);

      assertEquals(200, bearer.to(server.address()).status());
      assertEquals(200, Call.get("/health/live").to(server.address()).status());
    }
  }

  @Test
  void signsBrowsersIn() {
    try (var server = WebServer.start(withToken(), PROBES)) {
      URI address = server.address();
      var sent = Call.get("/").to(address);
      assertEquals(303, sent.status());
      assertEquals(Optional.of("/sign-in"), sent.header("Location"));
      assertTrue(Call.get("/sign-in").to(address).body().contains("Access token"));

      var signedIn = signIn(TOKEN, address);
      String cookie = signedIn.header("Set-Cookie").orElseThrow();
      assertEquals(303, signedIn.status());
      assertEquals(Optional.of("/"), signedIn.header("Location"));
      assertTrue(cookie.contains("HTTPOnly"), cookie);
      assertTrue(cookie.contains("SameSite=Strict"), cookie);
      assertFalse(cookie.contains(TOKEN), cookie);

      String session = cookie.substring(0, cookie.indexOf(';'));
      assertEquals(200, Call.get("/").with("Cookie", session).to(address).status());
      assertEquals(200, Call.get("/api/settings").with("Cookie", session).to(address).status());

      Call.post("/sign-out", "application/x-www-form-urlencoded", "")
          .with("Cookie", session)
          .to(address);
      assertEquals(401, Call.get("/api/settings").with("Cookie", session).to(address).status());
    }
  }

  @Test
  void doesNotSignInWithAnotherToken() {
    try (var server = WebServer.start(withToken(), PROBES)) {
      var refused = signIn("another-token-of-some-length", server.address());

      assertEquals(Optional.of("/sign-in?again"), refused.header("Location"));
      assertEquals(Optional.empty(), refused.header("Set-Cookie"));
    }
  }

  private static Call.Answer signIn(String token, URI address) {
    return Call.post("/sign-in", "application/x-www-form-urlencoded", "token=" + token).to(address);
  }

  @ParameterizedTest
  @ValueSource(strings = {"short", "has a space but is long enough", "höhere-mathematik-ist-nicht"})
  void refusesTokensThatCannotBeOne(String token) {
    var refusal =
        assertThrows(IllegalArgumentException.class, () -> AccessToken.of(token, "the test"));

    assertFalse(refusal.getMessage().contains(token), refusal.getMessage());
  }

  @Test
  void letsInWhoHasACertificate() throws Exception {
    Keys own = Keys.make(folder, "server");
    Keys known = Keys.make(folder, "known");
    var tls = new TlsFiles(own.certificate(), own.key(), Optional.of(known.certificate()));
    try (var server = WebServer.start(elsewhere(options()).withTls(tls), PROBES)) {
      URI address = URI.create("https://127.0.0.1:" + server.address().getPort());
      var stranger = own.trusting().getSocketFactory();
      var friend = own.trusting(known).getSocketFactory();

      assertEquals(403, Call.get("/api/settings").to(address, stranger).status());
      assertEquals(403, Call.get("/").to(address, stranger).status());
      assertEquals(200, Call.get("/health/live").to(address, stranger).status());
      assertEquals(200, Call.get("/api/settings").to(address, friend).status());
    }
  }

  @Test
  void saysThatACertificateCannotBeUsed() {
    var tls = new TlsFiles(folder.resolve("no.pem"), folder.resolve("no.key"), Optional.empty());

    var failure =
        assertThrows(
            WebStartException.class, () -> WebServer.start(options().withTls(tls), PROBES));

    assertTrue(failure.getMessage().contains("--http-tls"), failure.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}                                     | prompt     | prompt is missing",
        "nonsense                               | body       | the request is not JSON",
        "{\"prompt\":\"\"}                      | prompt     | prompt is empty",
        "{\"prompt\":\"x\",\"max_tokens\":0}    | max_tokens | max_tokens must be a whole number",
        "{\"prompt\":\"x\",\"max_tokens\":9999} | max_tokens | max_tokens must be at most 2048",
        "{\"prompt\":\"x\",\"priority\":-1}     | priority   | priority must be at least 0",
        "{\"prompt\":\"x\",\"id\":\"mine\"}     | id         | id is the node's to choose"
      })
  void namesTheFieldThatIsWrong(String body, String field, String reason) {
    try (var server = WebServer.start(options(), PROBES)) {
      var answer = Call.post("/api/generate", "application/json", body).to(server.address());

      assertEquals(400, answer.status());
      String start = "{\"error\":{\"field\":\"" + field + "\",\"reason\":\"" + reason;
      assertTrue(answer.body().startsWith(start), answer.body());
      assertTrue(answer.body().contains("\"mend\":\""), answer.body());
    }
  }

  @Test
  void boundsWhatACallCanBe() {
    try (var server = WebServer.start(options(), PROBES)) {
      URI address = server.address();
      String large = "{\"prompt\":\"" + "x".repeat(PromptReader.MOST_BYTES) + "\"}";
      String longPrompt = "{\"prompt\":\"" + "x".repeat(PromptReader.MOST_CHARACTERS + 1) + "\"}";

      assertEquals(413, Call.post("/api/generate", "application/json", large).to(address).status());
      assertEquals(
          400, Call.post("/api/generate", "application/json", longPrompt).to(address).status());
      assertEquals(415, Call.post("/api/generate", "text/plain", "{}").to(address).status());
      assertEquals(405, Call.of("DELETE", "/api/generate").to(address).status());
    }
  }

  @Test
  void saysThatKafkaIsNotThere() {
    var kafka = new KafkaConnection("127.0.0.1:1", Map.of(), Duration.ofSeconds(1));
    try (var server = WebServer.start(WebOptions.onPort(0, kafka), PROBES)) {
      var answer =
          Call.post("/api/generate", "application/json", "{\"prompt\":\"x\"}").to(server.address());

      assertEquals(503, answer.status());
      assertTrue(answer.body().contains("cannot reach Kafka at 127.0.0.1:1"), answer.body());
    }
  }
}
