package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The special tokens of a model directory, by their names there: bos, eos, unk, sep, pad, mask. Of
 * several files that name one the first counts.
 */
final class SpecialTokenIds {

  private static final Map<String, String> KEYS =
      Map.of(
          "bos", "tokenizer.ggml.bos_token_id",
          "eos", "tokenizer.ggml.eos_token_id",
          "eot", "tokenizer.ggml.eot_token_id",
          "eom", "tokenizer.ggml.eom_token_id",
          "unk", "tokenizer.ggml.unknown_token_id",
          "sep", "tokenizer.ggml.seperator_token_id",
          "pad", "tokenizer.ggml.padding_token_id",
          "mask", "tokenizer.ggml.mask_token_id");

  private static final List<String> NAMES = List.of("bos", "eos", "unk", "sep", "pad", "mask");

  private final TokenList tokens;
  private final Map<String, Integer> ids = new LinkedHashMap<>();

  SpecialTokenIds(TokenList tokens) {
    this.tokens = tokens;
  }

  /** Adds what the files of a directory name. */
  void read(Path directory) {
    for (String file : List.of("tokenizer_config.json", "special_tokens_map.json")) {
      JsonFields.read(directory.resolve(file)).ifPresent(this::readTexts);
    }
    for (String file : List.of("config.json", "generation_config.json")) {
      JsonFields.read(directory.resolve(file)).ifPresent(this::readIds);
    }
  }

  /** Adds one, unless it is known or no token. */
  void offer(String name, long id) {
    if (id >= 0 && id < tokens.size()) {
      ids.putIfAbsent(name, (int) id);
    }
  }

  boolean is(String name, String text) {
    return ids.containsKey(name) && tokens.text(ids.get(name)).equals(text);
  }

  boolean has(String name) {
    return ids.containsKey(name);
  }

  /** The ids of all of them. */
  Stream<Integer> all() {
    return ids.values().stream();
  }

  void write(GgufWriter into) {
    ids.forEach((name, id) -> into.integer(KEYS.get(name), id));
  }

  private void readTexts(JsonFields fields) {
    for (String name : NAMES) {
      text(fields, name + "_token")
          .flatMap(text -> tokens.id(text).stream().boxed().findFirst())
          .ifPresent(id -> offer(name, id));
    }
  }

  /** A token is its text, or an object with its content. */
  private static Optional<String> text(JsonFields fields, String name) {
    Optional<JsonNode> value = fields.value(name);
    return value.isPresent() && value.get().isObject()
        ? fields.fields(name).flatMap(token -> token.text("content"))
        : fields.text(name);
  }

  private void readIds(JsonFields fields) {
    for (String name : NAMES) {
      List<Integer> listed =
          fields.integers(name + "_token_id", Integer.MIN_VALUE, Integer.MAX_VALUE);
      for (int id : listed) {
        offer(name, id);
        if (name.equals("eos") && ids.get(name) != null && ids.get(name) != id) {
          offer(has("eot") && ids.get("eot") != id ? "eom" : "eot", id);
        }
      }
    }
  }
}
