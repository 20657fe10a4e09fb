package io.rivulet.protocol;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON object's fields, each read as the type asked for or refused with a message that names
 * field, value and range. A field that is null counts as absent.
 */
record Fields(JsonNode object, String path) {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final int SHOWN = 60;
  private static final double NANOS_PER_MILLI = 1_000_000;

  /** Some 292 years, what a duration in nanoseconds can hold. */
  private static final double MAX_MILLIS = 9e12;

  /**
   * Reads UTF-8 JSON whose root is an object.
   *
   * @param what the message's name, for the error
   */
  static Fields parse(byte[] json, String what) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JacksonException e) {
      throw new MalformedMessageException(
          what + " is not JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
    }
    if (!root.isObject()) {
      throw new MalformedMessageException(
          what + " must be a JSON object, was " + shown(root.toString()));
    }
    return new Fields(root, "");
  }

  Optional<JsonNode> value(String name) {
    return object.optional(name).filter(node -> !node.isNull());
  }

  Optional<String> text(String name) {
    return value(name)
        .map(
            node -> {
              if (!node.isString()) {
                throw refused(name, node, "a string");
              }
              return node.stringValue();
            });
  }

  String requiredText(String name) {
    return text(name).orElseThrow(() -> missing(name));
  }

  OptionalInt integer(String name, int min, int max) {
    OptionalLong value = integer(name, (long) min, (long) max);
    return value.isPresent() ? OptionalInt.of((int) value.getAsLong()) : OptionalInt.empty();
  }

  OptionalLong integer(String name, long min, long max) {
    Optional<JsonNode> value = value(name);
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    JsonNode node = value.get();
    if (!node.isIntegralNumber()
        || !node.canConvertToLong()
        || node.longValue() < min
        || node.longValue() > max) {
      throw refused(name, node, "a whole number from " + min + " to " + max);
    }
    return OptionalLong.of(node.longValue());
  }

  int requiredInteger(String name, int min, int max) {
    return integer(name, min, max).orElseThrow(() -> missing(name));
  }

  long requiredCount(String name) {
    return integer(name, 0L, Long.MAX_VALUE).orElseThrow(() -> missing(name));
  }

  /** A number within the bounds, both included. */
  Optional<Double> number(String name, double min, double max) {
    return value(name)
        .map(
            node -> {
              double number = node.isNumber() ? node.doubleValue() : Double.NaN;
              if (!(number >= min && number <= max)) {
                throw refused(name, node, "a number from " + plain(min) + " to " + plain(max));
              }
              return number;
            });
  }

  double requiredNumber(String name, double min, double max) {
    return number(name, min, max).orElseThrow(() -> missing(name));
  }

  Optional<Boolean> flag(String name) {
    return value(name)
        .map(
            node -> {
              if (!node.isBoolean()) {
                throw refused(name, node, "true or false");
              }
              return node.booleanValue();
            });
  }

  Optional<Instant> instant(String name) {
    return text(name)
        .map(
            text -> {
              try {
                return Instant.parse(text);
              } catch (DateTimeParseException e) {
                throw new MalformedMessageException(
                    path
                        + name
                        + " must be an instant such as 2026-01-31T12:00:00Z, was "
                        + shown("\"" + text + "\""));
              }
            });
  }

  Instant requiredInstant(String name) {
    return instant(name).orElseThrow(() -> missing(name));
  }

  /** A duration given in milliseconds. */
  Optional<Duration> millis(String name) {
    return value(name).map(there -> requiredMillis(name));
  }

  Duration requiredMillis(String name) {
    double millis = requiredNumber(name, 0, MAX_MILLIS);
    return Duration.ofNanos(Math.round(millis * NANOS_PER_MILLI));
  }

  /** One of the constants, written in lower case. */
  <E extends Enum<E>> Optional<E> constant(String name, Class<E> type) {
    return value(name)
        .map(
            node -> {
              var allowed = new ArrayList<String>();
              for (E constant : type.getEnumConstants()) {
                String written = constant.name().toLowerCase(Locale.ROOT);
                if (node.isString() && written.equals(node.stringValue())) {
                  return constant;
                }
                allowed.add(written);
              }
              throw refused(name, node, "one of " + String.join(", ", allowed));
            });
  }

  Optional<Fields> child(String name) {
    return value(name)
        .map(
            node -> {
              if (!node.isObject()) {
                throw refused(name, node, "an object");
              }
              return new Fields(node, path + name + ".");
            });
  }

  /** The objects of a list. */
  List<Fields> children(String name, int most) {
    var children = new ArrayList<Fields>();
    for (JsonNode node : elements(name, most)) {
      String element = name + "[" + children.size() + "]";
      if (!node.isObject()) {
        throw refused(element, node, "an object");
      }
      children.add(new Fields(node, path + element + "."));
    }
    return children;
  }

  /** A list of strings, or one alone; none where there is no such field. */
  List<String> texts(String name, int most) {
    if (value(name).isEmpty()) {
      return List.of();
    }
    if (value(name).get().isString()) {
      return List.of(requiredText(name));
    }
    var texts = new ArrayList<String>();
    for (JsonNode node : elements(name, most)) {
      if (!node.isString()) {
        throw refused(name + "[" + texts.size() + "]", node, "a string");
      }
      texts.add(node.stringValue());
    }
    return texts;
  }

  /** A list of token ids; none where there is no such field. */
  List<Integer> tokenIds(String name, int most) {
    var ids = new ArrayList<Integer>();
    if (value(name).isPresent()) {
      for (JsonNode node : elements(name, most)) {
        if (!node.isInt() || node.intValue() < 0) {
          throw refused(name + "[" + ids.size() + "]", node, "a token id");
        }
        ids.add(node.intValue());
      }
    }
    return ids;
  }

  /**
   * A number for each of some token ids, which are the names; none where there is no such field.
   */
  Map<Integer, Double> byTokenId(String name, int most, double min, double max) {
    var numbers = new HashMap<Integer, Double>();
    child(name)
        .ifPresent(
            ids -> {
              if (ids.object.size() > most) {
                throw tooMany(name, ids.object.size(), most);
              }
              for (String id : ids.object.propertyNames()) {
                double number = ids.number(id, min, max).orElseThrow(() -> ids.missing(id));
                if (numbers.put(ids.tokenId(id), number) != null) {
                  throw new MalformedMessageException(
                      path + name + " names token " + id + " twice");
                }
              }
            });
    return numbers;
  }

  private int tokenId(String name) {
    try {
      int id = Integer.parseInt(name);
      if (id >= 0) {
        return id;
      }
    } catch (NumberFormatException e) {
      // Refused below, as negative numbers are.
    }
    throw new MalformedMessageException(
        path + shown(name) + " must be named by a token id, such as 17");
  }

  List<Integer> integers(String name) {
    var integers = new ArrayList<Integer>();
    for (JsonNode node : elements(name)) {
      if (!node.isInt()) {
        throw refused(name, node, "a list of whole numbers");
      }
      integers.add(node.intValue());
    }
    return integers;
  }

  /** A list of counts, each at least 0; none where there is no such field. */
  List<Long> counts(String name, int most) {
    var counts = new ArrayList<Long>();
    if (value(name).isPresent()) {
      for (JsonNode node : elements(name, most)) {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
          throw refused(name + "[" + counts.size() + "]", node, "a count");
        }
        counts.add(node.longValue());
      }
    }
    return counts;
  }

  List<Double> numbers(String name) {
    var numbers = new ArrayList<Double>();
    for (JsonNode node : elements(name)) {
      if (!node.isNumber()) {
        throw refused(name, node, "a list of numbers");
      }
      numbers.add(node.doubleValue());
    }
    return numbers;
  }

  private Collection<JsonNode> elements(String name, int most) {
    Collection<JsonNode> elements = elements(name);
    if (elements.size() > most) {
      throw tooMany(name, elements.size(), most);
    }
    return elements;
  }

  private Collection<JsonNode> elements(String name) {
    JsonNode list = value(name).orElseThrow(() -> missing(name));
    if (!list.isArray()) {
      throw refused(name, list, "a list");
    }
    return list.values();
  }

  MalformedMessageException refused(String name, JsonNode value, String allowed) {
    return new MalformedMessageException(
        path + name + " must be " + allowed + ", was " + shown(value.toString()));
  }

  private MalformedMessageException tooMany(String name, int size, int most) {
    return new MalformedMessageException(
        path + name + " must have at most " + most + " elements, had " + size);
  }

  private MalformedMessageException missing(String name) {
    return new MalformedMessageException(path + name + " is missing");
  }

  static String shown(String value) {
    return value.length() <= SHOWN ? value : value.substring(0, SHOWN) + "...";
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) && Math.abs(bound) < 1e15
        ? String.valueOf((long) bound)
        : String.valueOf(bound);
  }
}
