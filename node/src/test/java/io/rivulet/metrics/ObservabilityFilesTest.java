package io.rivulet.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds dashboard, rules and table against what nodes measure. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class ObservabilityFilesTest {

  private static final Path FOLDER = Path.of("..", "deploy", "observability");
  private static final Pattern RECORD = Pattern.compile("- record: (\\S+)");
  private static final Pattern ALERT = Pattern.compile("- alert: (\\S+)");

  /** What follows a query in the rules. */
  private static final Pattern AFTER = Pattern.compile("\\n +(?:for|labels|annotations):|\\n +- ");

  /** Name, type, Prometheus's name. */
  private static final Pattern ROW =
      Pattern.compile(
          "\\| `([^`]+)` \\| metric \\| (counter|gauge|histogram), [^|]+ \\| [^|]+ \\(`([^`]+)`\\)"
              + " \\|");

  /** What Prometheus makes of one histogram besides. */
  private static final String MAX = "_max";

  @Test
  void theDashboardAsksForWhatThereIs() throws Exception {
    var queries = new ArrayList<String>();
    collect("expr", json(), queries);
    collect("definition", json(), queries);
    assertTrue(queries.size() > 30, "only " + queries.size() + " queries");

    assertEquals(Set.of(), unknown(queries));
  }

  @Test
  void theRulesAskForWhatThereIs() throws Exception {
    List<String> queries =
        Stream.of(read("rules.yaml").split("expr:"))
            .skip(1)
            .map(AFTER::split)
            .map(parts -> parts[0])
            .toList();
    assertTrue(queries.size() > 15, "only " + queries.size() + " queries");

    assertEquals(Set.of(), unknown(queries));
  }

  private static Set<String> unknown(List<String> queries) throws Exception {
    var known = new HashSet<>(Scraped.once().samples());
    RECORD.matcher(read("rules.yaml")).results().forEach(rule -> known.add(rule.group(1)));
    var unknown = new TreeSet<String>();
    for (String query : queries) {
      unknown.addAll(Queries.metrics(query));
    }
    unknown.removeAll(known);
    return unknown;
  }

  @Test
  void theTableNamesEachMetricOfOursAndNothingElse() throws Exception {
    var shown = new TreeSet<String>();
    Scraped.once()
        .families()
        .forEach(
            (name, type) -> {
              if (ours(name) && !name.endsWith(MAX)) {
                shown.add(name + ": " + type);
              }
            });
    var described = new TreeSet<String>();
    for (String line : read("README.md").lines().toList()) {
      var row = ROW.matcher(line);
      if (row.matches()) {
        assertTrue(described.add(row.group(3) + ": " + row.group(2)), "twice: " + line);
        assertTrue(
            row.group(3).startsWith(row.group(1).replace('.', '_')),
            row.group(1) + " is not " + row.group(3));
      }
    }
    assertEquals(String.join("\n", shown), String.join("\n", described));
  }

  private static boolean ours(String name) {
    return name.startsWith("rivulet_") || name.startsWith("gen_ai_");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kafka_consumer_",
        "kafka_producer_",
        "jvm_memory_",
        "jvm_gc_",
        "jvm_threads_",
        "jvm_classes_",
        "process_cpu_",
        "vertx_pool_",
        "kafka_consumer_share_"
      })
  void librariesMetricsAreShownAsWell(String family) throws Exception {
    assertTrue(Scraped.once().samples().stream().anyMatch(name -> name.startsWith(family)), family);
  }

  @Test
  void eachAlertIsTestedRaisedAndNot() throws Exception {
    String tests = read("rules.test.yaml");
    var alerts = ALERT.matcher(read("rules.yaml")).results().map(alert -> alert.group(1)).toList();
    assertFalse(alerts.isEmpty());
    for (String alert : alerts) {
      assertTrue(
          Pattern.compile(
                  "alertname: "
                      + alert
                      + ",? +exp_alerts: \\[\\]|alertname: "
                      + alert
                      + "\\s+exp_alerts: \\[\\]")
              .matcher(tests)
              .find(),
          alert + " is not tested to be silent");
      assertTrue(
          Pattern.compile("alertname: " + alert + "\\s+exp_alerts:\\s+- exp_labels")
              .matcher(tests)
              .find(),
          alert + " is not tested to be raised");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "check rules rules.yaml",
        "check config prometheus.yaml",
        "test rules rules.test.yaml"
      })
  void promtoolIsContent(String arguments) throws Exception {
    assumeTrue(
        installed("promtool"), "promtool is not installed: apt-get install prometheus has it");
    Process process =
        new ProcessBuilder(
                Stream.concat(Stream.of("promtool"), Stream.of(arguments.split(" "))).toList())
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .start();

    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertEquals(0, process.waitFor(), said);
  }

  private static boolean installed(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private static JsonNode json() throws IOException {
    return new JsonMapper().readTree(FOLDER.resolve("dashboard.json").toFile());
  }

  private static void collect(String member, JsonNode node, List<String> into) {
    if (node.isObject()) {
      node.properties()
          .forEach(
              each -> {
                if (each.getKey().equals(member)) {
                  into.add(each.getValue().asString());
                } else {
                  collect(member, each.getValue(), into);
                }
              });
    } else if (node.isArray()) {
      node.forEach(each -> collect(member, each, into));
    }
  }

  private static String read(String file) throws IOException {
    return Files.readString(FOLDER.resolve(file));
  }
}
