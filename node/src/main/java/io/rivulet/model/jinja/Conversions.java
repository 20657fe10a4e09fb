package io.rivulet.model.jinja;

import java.util.ArrayList;
import java.util.List;

/** Values as Java's types, by Python's rules. */
final class Conversions {

  private Conversions() {}

  /** Python's {@code bool()}. */
  static boolean truth(Value value) {
    return switch (value) {
      case Value.Undefined undefined -> false;
      case Value.None none -> false;
      case Value.Bool(boolean truth) -> truth;
      case Value.Int(long number) -> number != 0;
      case Value.Real(double number) -> number != 0;
      case Value.Text(String text) -> !text.isEmpty();
      case Value.Sequence(List<Value> items, boolean tuple) -> !items.isEmpty();
      case Value.Mapping mapping -> !mapping.entries().isEmpty();
      case Value.Namespace namespace -> true;
      case Value.Function function -> true;
    };
  }

  /** A string and nothing else. */
  static String text(Value value, String what) {
    if (value instanceof Value.Text(String text)) {
      return text;
    }
    throw new JinjaException(what + " is " + kind(value) + ", expected a string");
  }

  /** An integer or a truth value. */
  static long integer(Value value, String what) {
    return switch (value) {
      case Value.Int(long number) -> number;
      case Value.Bool(boolean truth) -> truth ? 1 : 0;
      default -> throw new JinjaException(what + " is " + kind(value) + ", expected an integer");
    };
  }

  /** What a loop over the value goes through: items, keys, characters. */
  static List<Value> items(Value value, Budget budget) {
    List<Value> items =
        switch (value) {
          case Value.Undefined undefined -> List.of();
          case Value.Sequence(List<Value> all, boolean tuple) -> all;
          case Value.Mapping mapping -> List.copyOf(mapping.entries().keySet());
          case Value.Text(String text) -> {
            budget.spend(text.length());
            var characters = new ArrayList<Value>(text.length());
            text.codePoints().forEach(c -> characters.add(Value.of(Character.toString(c))));
            yield characters;
          }
          default -> throw new JinjaException(kind(value) + " cannot be gone through");
        };
    budget.spend(items.size());
    return items;
  }

  /** The value's type as messages name it. */
  static String kind(Value value) {
    return switch (value) {
      case Value.Undefined(String name) -> "undefined " + JinjaException.quote(name);
      case Value.None none -> "none";
      case Value.Bool bool -> "a truth value";
      case Value.Int number -> "an integer";
      case Value.Real number -> "a float";
      case Value.Text text -> "a string";
      case Value.Sequence items -> "a list";
      case Value.Mapping mapping -> "a dictionary";
      case Value.Namespace namespace -> "a namespace";
      case Value.Function function -> "a function";
    };
  }
}
