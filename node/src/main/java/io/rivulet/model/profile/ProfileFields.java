package io.rivulet.model.profile;

import static io.rivulet.model.gguf.ModelFileException.quote;

import io.rivulet.model.gguf.ModelFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An object in a profile's metadata: its fields are read as the type asked for, or refused by name.
 *
 * @param name the object's own name and a dot, nothing for the outermost
 */
record ProfileFields(Path file, String name, ObjectNode members) {

  static final String MEND = "calibrate the model again";

  double number(String field) {
    JsonNode value = members.path(field);
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw wrong(field, "a finite number");
    }
    return value.doubleValue();
  }

  long integer(String field, long min, long max) {
    JsonNode value = members.path(field);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < min
        || value.longValue() > max) {
      throw wrong(field, "an integer from %d to %d".formatted(min, max));
    }
    return value.longValue();
  }

  String text(String field) {
    return optionalText(field).orElseThrow(() -> wrong(field, "a string"));
  }

  Optional<String> optionalText(String field) {
    if (!members.has(field)) {
      return Optional.empty();
    }
    if (!members.get(field).isString()) {
      throw wrong(field, "a string");
    }
    return Optional.of(members.get(field).stringValue());
  }

  List<Double> numbers(String field) {
    var numbers = new ArrayList<Double>();
    for (JsonNode value : list(field, "a list of finite numbers")) {
      if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
        throw wrong(field, "a list of finite numbers");
      }
      numbers.add(value.doubleValue());
    }
    return numbers;
  }

  List<ProfileFields> objects(String field) {
    var objects = new ArrayList<ProfileFields>();
    for (JsonNode value : list(field, "a list of objects")) {
      if (!(value instanceof ObjectNode object)) {
        throw wrong(field, "a list of objects");
      }
      String each = "%s%s[%d].".formatted(name, field, objects.size());
      objects.add(new ProfileFields(file, each, object));
    }
    return objects;
  }

  Optional<ProfileFields> object(String field) {
    if (!members.has(field)) {
      return Optional.empty();
    }
    if (!(members.get(field) instanceof ObjectNode object)) {
      throw wrong(field, "an object");
    }
    return Optional.of(new ProfileFields(file, name + field + ".", object));
  }

  ProfileFields requiredObject(String field) {
    return object(field).orElseThrow(() -> wrong(field, "an object"));
  }

  /** What is made of some fields; what it refuses is said with this object's name. */
  <T> T make(Supplier<T> maker) {
    String what = name.isEmpty() ? "metadata" : "field " + name.substring(0, name.length() - 1);
    return checked(file, what, maker);
  }

  /** What is made of a file; an argument that is refused comes out as the file's fault. */
  static <T> T checked(Path file, String what, Supplier<T> maker) {
    try {
      return maker.get();
    } catch (IllegalArgumentException e) {
      throw new ModelFileException(file, what + ": " + e.getMessage(), MEND, e);
    }
  }

  private List<JsonNode> list(String field, String expected) {
    if (!members.path(field).isArray()) {
      throw wrong(field, expected);
    }
    return members.get(field).valueStream().toList();
  }

  private ModelFileException wrong(String field, String expected) {
    String problem =
        members.has(field)
            ? "is %s, expected %s".formatted(quote(members.get(field).toString()), expected)
            : "is missing, expected " + expected;
    return new ModelFileException(file, "field " + name + field + " " + problem, MEND);
  }
}
