package io.rivulet.protocol;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What a value has that its schema does not allow, of what the document's schemas use. */
final class SchemaCheck {

  private final JsonNode document;
  private final List<String> problems = new ArrayList<>();

  private SchemaCheck(JsonNode document) {
    this.document = document;
  }

  static List<String> problems(JsonNode document, JsonNode schema, JsonNode value) {
    var check = new SchemaCheck(document);
    check.check(schema, value, "$");
    return check.problems;
  }

  private void check(JsonNode declared, JsonNode value, String path) {
    JsonNode schema =
        declared.has("$ref")
            ? document.at(declared.get("$ref").stringValue().substring(1))
            : declared;
    if (schema.has("oneOf")) {
      long fitting =
          schema
              .get("oneOf")
              .valueStream()
              .filter(each -> problems(document, each, value).isEmpty())
              .count();
      expect(fitting == 1, path, "fits " + fitting + " alternatives");
      return;
    }
    if (schema.has("type")) {
      JsonNode type = schema.get("type");
      boolean isOne =
          type.isArray()
              ? type.valueStream().anyMatch(each -> isA(value, each.stringValue()))
              : isA(value, type.stringValue());
      expect(isOne, path, "is no " + type);
    }
    expect(
        !schema.has("enum") || schema.get("enum").valueStream().anyMatch(value::equals),
        path,
        "is none of the enum");
    expect(!schema.has("const") || schema.get("const").equals(value), path, "is not the constant");
    if (value.isNumber()) {
      checkBounds(schema, value.doubleValue(), path);
    }
    if (value.isArray() && schema.has("items")) {
      value.forEach(item -> check(schema.get("items"), item, path + "[]"));
    }
    if (value.isObject()) {
      checkMembers(schema, value, path);
    }
  }

  private void checkBounds(JsonNode schema, double value, String path) {
    expect(
        value >= schema.path("minimum").asDouble(Double.NEGATIVE_INFINITY), path, "is too small");
    expect(
        value <= schema.path("maximum").asDouble(Double.POSITIVE_INFINITY), path, "is too great");
  }

  private void checkMembers(JsonNode schema, JsonNode value, String path) {
    schema
        .path("required")
        .forEach(name -> expect(value.has(name.stringValue()), path, "has no " + name));
    for (var member : value.properties()) {
      JsonNode property = schema.path("properties").path(member.getKey());
      JsonNode declared = property.isMissingNode() ? schema.path("additionalProperties") : property;
      String memberPath = path + "." + member.getKey();
      if (declared.isMissingNode()) {
        problems.add(memberPath + " is not in the schema");
      } else {
        check(declared, member.getValue(), memberPath);
      }
    }
  }

  private void expect(boolean holds, String path, String problem) {
    if (!holds) {
      problems.add(path + " " + problem);
    }
  }

  private static boolean isA(JsonNode value, String type) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> throw new IllegalArgumentException(type);
    };
  }
}
