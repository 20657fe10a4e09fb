package io.rivulet.model.tokenizer;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Texts and the ids that llama.cpp gives them, recorded beside the tests, one JSON object a line.
 * Made by {@code llama-tokenize -m MODEL -f TEXT --ids --no-parse-special --no-escape}.
 */
final class GoldenIds {

  private final String text;
  private final int[] ids;

  private GoldenIds(String text, int[] ids) {
    this.text = text;
    this.ids = ids;
  }

  static List<GoldenIds> read(String resource) throws IOException {
    var all = new ArrayList<GoldenIds>();
    try (var in = requireNonNull(GoldenIds.class.getResourceAsStream(resource), resource)) {
      String content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : content.lines().toList()) {
        JsonNode json = JsonMapper.shared().readTree(line);
        int[] ids = json.get("ids").valueStream().mapToInt(JsonNode::asInt).toArray();
        all.add(new GoldenIds(json.get("text").asString(), ids));
      }
    }
    return all;
  }

  String text() {
    return text;
  }

  int[] ids() {
    return ids;
  }
}
