package io.rivulet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds the table of what can be observed against what nodes write. */
class TelemetryTableTest {

  private static final Path TABLE = Path.of("..", "deploy", "observability", "README.md");

  /** Name, kind and type of a row. */
  private static final Pattern ROW =
      Pattern.compile("\\| `([^`]+)` \\| telemetry \\| (\\w+)(?:, [^|]+)? \\| [^|]+ \\|");

  /** What token events say of how they were computed; the rest is no telemetry. */
  private static final Pattern OF_TOKENS = Pattern.compile("token\\.(density|sparsity|timings).*");

  @Test
  void namesEachFieldThatIsWrittenAndNothingElse() throws IOException {
    var written = new TreeMap<String, String>();
    add(written, "node-report", Reports.node().toJson());
    add(written, "sparsity-report", Reports.sparsity(1).toJson());
    var ofTokens = new TreeMap<String, String>();
    add(ofTokens, "token", Reports.token().toJson());
    add(ofTokens, "token", Reports.end().toJson());
    ofTokens.keySet().removeIf(path -> !OF_TOKENS.matcher(path).matches());
    written.putAll(ofTokens);

    var described = new TreeMap<String, String>();
    for (String line : Files.readAllLines(TABLE)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        assertEquals(null, described.put(row.group(1), row.group(2)), "twice: " + line);
      }
    }
    assertEquals(lines(written), lines(described));
  }

  private static void add(Map<String, String> fields, String path, byte[] json) {
    addValue(fields, path, new JsonMapper().readTree(json));
  }

  private static void addValue(Map<String, String> fields, String path, JsonNode value) {
    if (value.isObject()) {
      value
          .properties()
          .forEach(member -> addValue(fields, path + "." + member.getKey(), member.getValue()));
    } else if (value.isArray()) {
      value.forEach(element -> addValue(fields, path + "[]", element));
    } else {
      fields.put(
          path, value.isString() ? "string" : value.isIntegralNumber() ? "integer" : "number");
    }
  }

  private static String lines(Map<String, String> fields) {
    return fields.entrySet().stream()
        .map(field -> field.getKey() + ": " + field.getValue())
        .collect(Collectors.joining("\n"));
  }
}
