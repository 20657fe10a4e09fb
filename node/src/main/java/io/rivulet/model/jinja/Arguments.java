package io.rivulet.model.jinja;

import java.util.List;
import java.util.Map;

/** What a call is given. */
public record Arguments(List<Value> positional, Map<String, Value> named) {

  /** None at all. */
  static final Arguments NONE = new Arguments(List.of(), Map.of());

  /** The argument at the place, or of the name; undefined where it was not given. */
  public Value get(int place, String name) {
    if (place < positional.size()) {
      return positional.get(place);
    }
    Value value = named.get(name);
    return value == null ? new Value.Undefined(name) : value;
  }

  /** Whether that argument was given. */
  boolean has(int place, String name) {
    return place < positional.size() || named.containsKey(name);
  }

  /** That argument as a string. */
  public String text(int place, String name) {
    return Conversions.text(get(place, name), "argument " + name);
  }

  /** That argument as a string, or the other where it was not given. */
  String text(int place, String name, String missing) {
    return has(place, name) ? text(place, name) : missing;
  }

  /** That argument as an integer, or the other where it was not given. */
  long integer(int place, String name, long missing) {
    return has(place, name) ? Conversions.integer(get(place, name), "argument " + name) : missing;
  }

  /** That argument's truth, or the other where it was not given. */
  boolean truth(int place, String name, boolean missing) {
    return has(place, name) ? Conversions.truth(get(place, name)) : missing;
  }
}
