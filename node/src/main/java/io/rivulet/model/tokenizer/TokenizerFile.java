package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a tokenizer.json holds. Its vocabulary and merges, nearly all of the file, are read as they
 * come, all else is kept as JSON.
 */
final class TokenizerFile {

  private static final int MAX_MERGES = 1 << 22;

  private final Path path;
  private final TokenList tokens;
  private final List<String> merges = new ArrayList<>();
  private final ObjectNode rest = JsonNodeFactory.instance.objectNode();

  private TokenizerFile(Path path, int vocabulary) {
    this.path = path;
    this.tokens = new TokenList(path, vocabulary);
  }

  /** Reads a file for an embedding of so many rows. */
  static TokenizerFile read(Path path, int vocabulary) {
    var file = new TokenizerFile(path, vocabulary);
    try (JsonParser parser = JsonFields.parser(path)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw file.fields().invalid("model", "is missing: the file holds no JSON object");
      }
      file.readAll(parser);
    } catch (JacksonException e) {
      throw JsonFields.notJson(path, e);
    }
    for (JsonFields added : file.fields().list("added_tokens")) {
      int id = added.requiredInteger("id", 0, Integer.MAX_VALUE);
      boolean special = added.bool("special").orElse(false);
      file.tokens.putAdded(id, added.requiredText("content"), special);
    }
    return file;
  }

  /** Reads GPT-2's own files, vocab.json and merges.txt. */
  static TokenizerFile readGpt2(Path directory, int vocabulary) {
    Path texts = directory.resolve("vocab.json");
    var file = new TokenizerFile(texts, vocabulary);
    try (JsonParser parser = JsonFields.parser(texts)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw file.wrong("model.vocab", "an object");
      }
      file.readIds(parser);
    } catch (JacksonException e) {
      throw JsonFields.notJson(texts, e);
    }
    Path merges = directory.resolve("merges.txt");
    try (Stream<String> lines = Files.lines(merges)) {
      lines
          .filter(line -> !line.isEmpty() && !line.startsWith("#version"))
          .limit(MAX_MERGES)
          .forEach(file.merges::add);
    } catch (IOException | UncheckedIOException e) {
      throw new ModelFileException(
          merges, "cannot be read: " + e.getMessage(), "download it beside vocab.json", e);
    }
    return file;
  }

  TokenList tokens() {
    return tokens;
  }

  /** Each as two tokens with a space between them. */
  List<String> merges() {
    return merges;
  }

  /** All but the vocabulary and the merges. */
  JsonFields fields() {
    return new JsonFields(path, "", rest);
  }

  JsonFields model() {
    return fields()
        .fields("model")
        .orElseThrow(() -> fields().invalid("model", "is missing, expected an object"));
  }

  private void readAll(JsonParser parser) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("model") && value == JsonToken.START_OBJECT) {
        readModel(parser);
      } else {
        rest.set(name, parser.<JsonNode>readValueAsTree());
      }
    }
  }

  private void readModel(JsonParser parser) {
    ObjectNode model = rest.putObject("model");
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("vocab") && value == JsonToken.START_OBJECT) {
        readIds(parser);
      } else if (name.equals("vocab") && value == JsonToken.START_ARRAY) {
        readScores(parser);
      } else if (name.equals("merges") && value == JsonToken.START_ARRAY) {
        readMerges(parser);
      } else {
        model.set(name, parser.<JsonNode>readValueAsTree());
      }
    }
  }

  private void readIds(JsonParser parser) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String text = parser.currentName();
      require(parser, JsonToken.VALUE_NUMBER_INT, "model.vocab", "an id for every token");
      tokens.put(parser.getIntValue(), text, 0, TokenType.NORMAL);
    }
  }

  private void readScores(JsonParser parser) {
    for (int id = 0; parser.nextToken() == JsonToken.START_ARRAY; id++) {
      require(parser, JsonToken.VALUE_STRING, "model.vocab", "pairs of token and score");
      String text = parser.getString();
      JsonToken number = parser.nextToken();
      if (number != JsonToken.VALUE_NUMBER_FLOAT && number != JsonToken.VALUE_NUMBER_INT) {
        throw wrong("model.vocab", "pairs of token and score");
      }
      tokens.put(id, text, parser.getFloatValue(), TokenType.NORMAL);
      require(parser, JsonToken.END_ARRAY, "model.vocab", "pairs of token and score");
    }
  }

  private void readMerges(JsonParser parser) {
    for (JsonToken next = parser.nextToken();
        next != JsonToken.END_ARRAY;
        next = parser.nextToken()) {
      if (merges.size() == MAX_MERGES) {
        throw fields().invalid("model.merges", "has more than " + MAX_MERGES + " merges");
      }
      if (next == JsonToken.VALUE_STRING) {
        merges.add(parser.getString());
        continue;
      }
      if (next != JsonToken.START_ARRAY) {
        throw wrong("model.merges", "strings or pairs of them");
      }
      require(parser, JsonToken.VALUE_STRING, "model.merges", "strings or pairs of them");
      String left = parser.getString();
      require(parser, JsonToken.VALUE_STRING, "model.merges", "strings or pairs of them");
      String right = parser.getString();
      require(parser, JsonToken.END_ARRAY, "model.merges", "strings or pairs of them");
      if (left.indexOf(' ') >= 0 || right.indexOf(' ') >= 0) {
        throw fields()
            .invalid(
                "model.merges",
                "has a space within a token, merge %d: such merges cannot be written to GGUF"
                    .formatted(merges.size()));
      }
      merges.add(left + " " + right);
    }
  }

  private void require(JsonParser parser, JsonToken token, String field, String expected) {
    if (parser.nextToken() != token) {
      throw wrong(field, expected);
    }
  }

  private ModelFileException wrong(String field, String expected) {
    return fields().invalid(field, "has something else than " + expected);
  }
}
