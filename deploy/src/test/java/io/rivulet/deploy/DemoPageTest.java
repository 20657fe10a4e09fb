package io.rivulet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The demonstration of several nodes shows their page until it is told to stop. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class DemoPageTest {

  private static final Pattern PAGE = Pattern.compile("The live page is at (http://127.0.0.1:.*)");

  @Test
  void showsThePageOfSeveralNodesUntilItIsStopped() throws Exception {
    Process process =
        Launcher.start(
            Map.of(),
            "demo",
            "--nodes",
            "2",
            "--http-port",
            "0",
            "--prompt",
            "It was a dark night",
            "--max-tokens",
            "20");
    try (var out = process.inputReader(StandardCharsets.UTF_8)) {
      List<String> lines = readUntil(out, "The page stays up until Ctrl-C.");
      assertEquals(2, lines.stream().filter(line -> line.matches("Node .* is up: .*")).count());
      URI page =
          lines.stream()
              .map(PAGE::matcher)
              .filter(Matcher::matches)
              .map(match -> URI.create(match.group(1)))
              .findFirst()
              .orElseThrow();

      assertTrue(get(page).body().contains("<title>Rivulet</title>"));
      // A node asks Kafka now and then whether it is in its group.
      while (get(page.resolve("/health/ready")).statusCode() != 200) {
        Thread.sleep(200);
      }

      process.toHandle().destroy();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> readUntil(BufferedReader out, String last) throws IOException {
    var lines = new ArrayList<String>();
    while (lines.isEmpty() || !lines.getLast().equals(last)) {
      String line = out.readLine();
      assertTrue(line != null, "it ended after " + lines);
      lines.add(line);
    }
    return lines;
  }

  private static HttpResponse<String> get(URI address) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
    }
  }
}
