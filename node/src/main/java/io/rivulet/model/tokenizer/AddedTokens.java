package io.rivulet.model.tokenizer;

import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Tokens that were added to a vocabulary that is not a tokenizer.json. */
final class AddedTokens {

  private AddedTokens() {}

  /** Adds those of added_tokens.json and tokenizer_config.json. */
  static void read(Path directory, TokenList tokens) {
    JsonFields.read(directory.resolve("added_tokens.json"))
        .ifPresent(
            added -> {
              for (String text : added.object().propertyNames()) {
                int id = added.requiredInteger(text, 0, Integer.MAX_VALUE);
                tokens.putAdded(id, text, false);
              }
            });
    JsonFields.read(directory.resolve("tokenizer_config.json"))
        .flatMap(config -> config.fields("added_tokens_decoder"))
        .ifPresent(decoder -> readDecoder(decoder, tokens));
  }

  private static void readDecoder(JsonFields decoder, TokenList tokens) {
    for (Map.Entry<String, JsonNode> entry : decoder.object().properties()) {
      String id = entry.getKey();
      if (!id.matches("[0-9]{1,9}")) {
        throw decoder.invalid(id, "is no id of a token");
      }
      JsonFields token = decoder.fields(id).orElseThrow(() -> decoder.invalid(id, "is missing"));
      boolean special = token.bool("special").orElse(false);
      tokens.putAdded(Integer.parseInt(id), token.requiredText("content"), special);
    }
  }
}
