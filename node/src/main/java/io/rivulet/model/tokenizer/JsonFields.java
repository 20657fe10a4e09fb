package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON object in a file that is not trusted: its fields are read as the type asked for, or
 * refused with a message that names file and field. A field that is null counts as absent.
 *
 * @param path the object's own name and a dot, nothing for the whole file
 */
record JsonFields(Path file, String path, JsonNode object) {

  private static final long MAX_BYTES = 1 << 27;
  private static final String MEND = "download the model's tokenizer files again";
  private static final JsonMapper MAPPER = new JsonMapper();

  /** The object that a file holds; empty if there is no such file. */
  static Optional<JsonFields> read(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (JsonParser parser = parser(file)) {
      JsonNode root = MAPPER.readTree(parser);
      if (root == null || !root.isObject()) {
        throw new ModelFileException(file, "holds no JSON object", MEND);
      }
      return Optional.of(new JsonFields(file, "", root));
    } catch (JacksonException e) {
      throw notJson(file, e);
    }
  }

  /** Opens a file that is not too large. */
  static JsonParser parser(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new ModelFileException(
            file, "has %d bytes, the limit is %d".formatted(size, MAX_BYTES), MEND);
      }
      return MAPPER.createParser(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new ModelFileException(file, "cannot be read: " + e.getMessage(), MEND, e);
    }
  }

  static ModelFileException notJson(Path file, JacksonException cause) {
    String reason = cause.getOriginalMessage().lines().findFirst().orElse("");
    return new ModelFileException(
        file,
        "is not JSON that can be read: %s, line %d"
            .formatted(reason, cause.getLocation() == null ? 0 : cause.getLocation().getLineNr()),
        MEND,
        cause);
  }

  Optional<JsonNode> value(String name) {
    return object.optional(name).filter(node -> !node.isNull());
  }

  Optional<String> text(String name) {
    return value(name)
        .map(
            node -> {
              if (!node.isString()) {
                throw wrong(name, node, "a string");
              }
              return node.stringValue();
            });
  }

  String requiredText(String name) {
    return text(name).orElseThrow(() -> invalid(name, "is missing, expected a string"));
  }

  Optional<Boolean> bool(String name) {
    return value(name)
        .map(
            node -> {
              if (!node.isBoolean()) {
                throw wrong(name, node, "true or false");
              }
              return node.booleanValue();
            });
  }

  OptionalInt integer(String name, int min, int max) {
    Optional<JsonNode> value = value(name);
    return value.isEmpty()
        ? OptionalInt.empty()
        : OptionalInt.of(integer(name, value.get(), min, max));
  }

  int requiredInteger(String name, int min, int max) {
    String expected = "is missing, expected an integer from %d to %d".formatted(min, max);
    return integer(name, min, max).orElseThrow(() -> invalid(name, expected));
  }

  /** An integer, or all of a list of them. */
  List<Integer> integers(String name, int min, int max) {
    var integers = new ArrayList<Integer>();
    value(name)
        .ifPresent(
            node -> {
              if (!node.isArray()) {
                integers.add(integer(name, node, min, max));
              }
              node.valueStream().forEach(each -> integers.add(integer(name, each, min, max)));
            });
    return integers;
  }

  Optional<JsonFields> fields(String name) {
    return value(name)
        .map(
            node -> {
              if (!node.isObject()) {
                throw wrong(name, node, "an object");
              }
              return new JsonFields(file, path + name + ".", node);
            });
  }

  /** The objects of a list, none where the field is missing. */
  List<JsonFields> list(String name) {
    var list = new ArrayList<JsonFields>();
    value(name)
        .ifPresent(
            node -> {
              if (!node.isArray() || !node.valueStream().allMatch(JsonNode::isObject)) {
                throw wrong(name, node, "a list of objects");
              }
              node.valueStream()
                  .forEach(
                      each ->
                          list.add(
                              new JsonFields(
                                  file, "%s%s[%d].".formatted(path, name, list.size()), each)));
            });
    return list;
  }

  /** What to throw where a field makes no sense: "field F PROBLEM". */
  ModelFileException invalid(String name, String problem) {
    return new ModelFileException(file, "field " + path + name + " " + problem, MEND);
  }

  private int integer(String name, JsonNode node, int min, int max) {
    String expected = "an integer from %d to %d".formatted(min, max);
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw wrong(name, node, expected);
    }
    if (node.intValue() < min || node.intValue() > max) {
      throw wrong(name, node, expected);
    }
    return node.intValue();
  }

  private ModelFileException wrong(String name, JsonNode node, String expected) {
    return invalid(
        name, "is %s, expected %s".formatted(ModelFileException.quote(node.toString()), expected));
  }
}
