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
 * Made by {@code llama-tokenize -m MODEL -f TEXT --ids --no-parse-special --no-escape}; those of
 * kinds.jsonl by {@code src/test/reference/token_ids.py}.
 */
final class GoldenIds {

  private final String vocabulary;
  private final String text;
  private final boolean controls;
  private final int[] ids;

  private GoldenIds(String vocabulary, String text, boolean controls, int[] ids) {
    this.vocabulary = vocabulary;
    this.text = text;
    this.controls = controls;
    this.ids = ids;
  }

  static List<GoldenIds> read(String resource) throws IOException {
    var all = new ArrayList<GoldenIds>();
    try (var in = requireNonNull(GoldenIds.class.getResourceAsStream(resource), resource)) {
      String content = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : content.lines().toList()) {
        JsonNode json = JsonMapper.shared().readTree(line);
        int[] ids = json.get("ids").valueStream().mapToInt(JsonNode::asInt).toArray();
        String vocabulary = json.path("vocabulary").asString("");
        boolean controls = json.path("controls").asBoolean(false);
        all.add(new GoldenIds(vocabulary, json.get("text").asString(), controls, ids));
      }
    }
    return all;
  }

  /** The vocabulary's name, empty if the file has but one. */
  String vocabulary() {
    return vocabulary;
  }

  /** Whether control tokens that are written in the text become those tokens. */
  boolean controls() {
    return controls;
  }

  String text() {
    return text;
  }

  int[] ids() {
    return ids;
  }
}
