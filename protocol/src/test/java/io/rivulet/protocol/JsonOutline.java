package io.rivulet.protocol;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * The fields of a message with their types, as the records say and as a schema says: paths such as
 * {@code usage.prompt_tokens} and {@code layers[].density}.
 */
final class JsonOutline {

  /** Records whose components are fields of the one around them. */
  private static final Set<String> FLAT =
      Set.of(
          "GenerationRequest.sampling",
          "GenerationRequest.stop",
          "TokenEvent.completion",
          "SparsityReport.all",
          "Logprobs.chosen");

  /** Components that other servers have another name for. */
  private static final Map<String, String> RENAMED =
      Map.of(
          "Stop.strings", "stop",
          "Stop.tokenIds", "stop_token_ids",
          "Logprobs.top", "top_logprobs",
          "Usage.cachedTokens", "prompt_tokens_details.cached_tokens",
          "GenerationRequest.includeUsage", "stream_options.include_usage");

  private final JsonNode document;
  private final Map<String, String> fields = new TreeMap<>();

  private JsonOutline(JsonNode document) {
    this.document = document;
  }

  static Map<String, String> ofSchema(JsonNode document, String schema) {
    var outline = new JsonOutline(document);
    outline.addProperties(document.at("/components/schemas/" + schema), "");
    return outline.fields;
  }

  static Map<String, String> ofRecord(JsonNode document, Class<?> record) {
    var outline = new JsonOutline(document);
    outline.addComponents(record, "");
    return outline.fields;
  }

  private void addProperties(JsonNode schema, String path) {
    schema
        .path("properties")
        .properties()
        .forEach(property -> addSchema(resolve(property.getValue()), path + property.getKey()));
  }

  private void addSchema(JsonNode schema, String path) {
    if (schema.has("oneOf")) {
      // The last is what the records write, the others are what is read as well.
      addSchema(schema.get("oneOf").get(schema.get("oneOf").size() - 1), path);
      return;
    }
    String type = firstType(schema);
    if (type.equals("array")) {
      addSchema(resolve(schema.get("items")), path + "[]");
      return;
    }
    if (schema.has("enum")) {
      type =
          "one of "
              + schema
                  .get("enum")
                  .valueStream()
                  .filter(JsonNode::isString)
                  .map(JsonNode::stringValue)
                  .toList();
    } else if (schema.path("format").asString("").equals("date-time")) {
      type = "date-time";
    }
    if (schema.has("properties")) {
      addProperties(schema, path + ".");
    } else {
      fields.put(path, type);
    }
  }

  private static String firstType(JsonNode schema) {
    JsonNode type = schema.get("type");
    return (type.isArray() ? type.get(0) : type).stringValue();
  }

  private JsonNode resolve(JsonNode schema) {
    return schema.has("$ref") ? document.at(schema.get("$ref").stringValue().substring(1)) : schema;
  }

  private void addComponents(Class<?> record, String path) {
    for (RecordComponent component : record.getRecordComponents()) {
      String name = record.getSimpleName() + "." + component.getName();
      Type type = component.getGenericType();
      if (FLAT.contains(name)) {
        addComponents((Class<?>) present(type), path);
      } else if (type == Input.class) {
        for (Class<?> kind : Input.class.getPermittedSubclasses()) {
          addComponents(kind, path);
        }
      } else {
        addComponent(type, path + RENAMED.getOrDefault(name, snake(component.getName())));
      }
    }
  }

  private void addComponent(Type declared, String path) {
    Type type = present(declared);
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      addComponent(list.getActualTypeArguments()[0], path + "[]");
    } else if (type instanceof Class<?> record && record.isRecord()) {
      addComponents(record, path + ".");
    } else if (type == Duration.class) {
      fields.put(path + "_ms", "number");
    } else {
      fields.put(path, scalar(type));
    }
  }

  private static Type present(Type type) {
    return type instanceof ParameterizedType optional && optional.getRawType() == Optional.class
        ? optional.getActualTypeArguments()[0]
        : type;
  }

  private static String scalar(Type type) {
    if (type instanceof Class<?> constants && constants.isEnum()) {
      return "one of "
          + Arrays.stream(constants.getEnumConstants())
              .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
              .collect(Collectors.toList());
    }
    if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
      return "object";
    }
    return switch (type.getTypeName()) {
      case "int", "long" -> "integer";
      case "double", "java.lang.Double" -> "number";
      case "boolean" -> "boolean";
      default -> {
        if (type == Integer.class
            || type == Long.class
            || type == OptionalInt.class
            || type == OptionalLong.class) {
          yield "integer";
        }
        yield type == Instant.class ? "date-time" : type == String.class ? "string" : "unknown";
      }
    };
  }

  private static String snake(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
