package io.rivulet.model.huggingface;

import static io.rivulet.model.gguf.ModelFileException.quote;

import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.safetensors.JsonFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A config.json, or an object in it. A member that is missing or null has the default, where there
 * is one; one of another type or out of range is refused by name.
 */
final class ConfigFile {

  private static final String NAME = "config.json";
  private static final long MAX_BYTES = 1 << 22;
  private static final String TEXT = "text_config";

  private final Path path;
  private final String prefix;
  private final ObjectNode members;
  private final Map<String, Object> defaults;

  private ConfigFile(Path path, String prefix, ObjectNode members, Map<String, Object> defaults) {
    this.path = path;
    this.prefix = prefix;
    this.members = members;
    this.defaults = defaults;
  }

  /** That of a directory; the part of the language model where it describes more. */
  static ConfigFile read(Path directory) {
    Path path = directory.resolve(NAME);
    ObjectNode root = JsonFile.read(path, MAX_BYTES);
    if (root.get(TEXT) instanceof ObjectNode text) {
      ObjectNode merged = root.deepCopy();
      text.properties().stream()
          .filter(member -> !member.getKey().equals("architectures"))
          .forEach(member -> merged.set(member.getKey(), member.getValue()));
      root = merged;
    }
    return new ConfigFile(path, "", root, Map.of());
  }

  /** An object without members. */
  ConfigFile empty() {
    return new ConfigFile(path, prefix, JsonFile.emptyObject(), Map.of());
  }

  /** Whether the member is there, be it null. */
  boolean says(String name) {
    return members.has(name);
  }

  /** The same with values for what is missing. */
  ConfigFile withDefaults(Map<String, Object> missing) {
    return new ConfigFile(path, prefix, members, missing);
  }

  boolean contains(String name) {
    return find(name).isPresent() || defaults.containsKey(name);
  }

  /** The member as it is, unless it is null. */
  Optional<JsonNode> find(String name) {
    return Optional.ofNullable(members.get(name)).filter(node -> !node.isNull());
  }

  /** An object in this one. */
  Optional<ConfigFile> object(String name) {
    return find(name)
        .map(
            node -> {
              if (node instanceof ObjectNode object) {
                return new ConfigFile(path, prefix + name + ".", object, Map.of());
              }
              throw wrong(name, node, "an object");
            });
  }

  int integer(String name, int min, int max) {
    String expected = "an integer from %d to %d".formatted(min, max);
    JsonNode node = find(name).orElse(null);
    if (node == null) {
      return (Integer) missing(name, expected);
    }
    if (!node.canConvertToInt()
        || !node.isIntegralNumber()
        || node.intValue() < min
        || node.intValue() > max) {
      throw wrong(name, node, expected);
    }
    return node.intValue();
  }

  int integer(String name, int min, int max, int otherwise) {
    return contains(name) ? integer(name, min, max) : otherwise;
  }

  /** A finite number as float32, in which GGUF keeps it. */
  float real(String name) {
    JsonNode node = find(name).orElse(null);
    if (node == null) {
      return ((Number) missing(name, "a number")).floatValue();
    }
    if (!node.isNumber() || !Float.isFinite((float) node.doubleValue())) {
      throw wrong(name, node, "a finite number");
    }
    return (float) node.doubleValue();
  }

  float real(String name, float otherwise) {
    return contains(name) ? real(name) : otherwise;
  }

  boolean bool(String name, boolean otherwise) {
    JsonNode node = find(name).orElse(null);
    if (node == null) {
      return (Boolean) defaults.getOrDefault(name, otherwise);
    }
    if (!node.isBoolean()) {
      throw wrong(name, node, "true or false");
    }
    return node.booleanValue();
  }

  String text(String name) {
    JsonNode node = find(name).orElse(null);
    if (node == null) {
      return (String) missing(name, "a string");
    }
    if (!node.isString()) {
      throw wrong(name, node, "a string");
    }
    return node.stringValue();
  }

  String text(String name, String otherwise) {
    return contains(name) ? text(name) : otherwise;
  }

  List<String> texts(String name) {
    var texts = new ArrayList<String>();
    for (JsonNode element : array(name, "strings")) {
      if (!element.isString()) {
        throw wrong(name, element, "an array of strings");
      }
      texts.add(element.stringValue());
    }
    return texts;
  }

  float[] reals(String name) {
    ArrayNode array = array(name, "numbers");
    float[] reals = new float[array.size()];
    for (int i = 0; i < reals.length; i++) {
      JsonNode element = array.get(i);
      if (!element.isNumber() || !Float.isFinite((float) element.doubleValue())) {
        throw wrong(name, element, "an array of finite numbers");
      }
      reals[i] = (float) element.doubleValue();
    }
    return reals;
  }

  /** What to throw where a member makes no sense: "member M PROBLEM". */
  ModelFileException invalid(String name, String problem) {
    return new ModelFileException(
        path,
        "member " + prefix + name + " " + problem,
        "give a model that this version computes, with the config.json that belongs to it");
  }

  private ArrayNode array(String name, String of) {
    JsonNode node = find(name).orElse(null);
    if (node instanceof ArrayNode array) {
      return array;
    }
    throw node == null
        ? invalid(name, "is missing, expected an array of " + of)
        : wrong(name, node, "an array of " + of);
  }

  private Object missing(String name, String expected) {
    Object value = defaults.get(name);
    if (value == null) {
      throw invalid(name, "is missing, expected " + expected);
    }
    return value;
  }

  private ModelFileException wrong(String name, JsonNode node, String expected) {
    return invalid(name, "is %s, expected %s".formatted(quote(node.toString()), expected));
  }
}
