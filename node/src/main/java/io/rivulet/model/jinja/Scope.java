package io.rivulet.model.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables, and those around them. */
final class Scope {

  private final Map<String, Value> names = new HashMap<>();
  private final Scope around;

  private Scope(Scope around) {
    this.around = around;
  }

  /** The outermost. */
  static Scope of(Map<String, Value> names) {
    var scope = new Scope(null);
    scope.names.putAll(names);
    return scope;
  }

  /** One within this: what it sets ends with it. */
  Scope inner() {
    return new Scope(this);
  }

  void set(String name, Value value) {
    names.put(name, value);
  }

  Value get(String name) {
    for (Scope scope = this; scope != null; scope = scope.around) {
      Value value = scope.names.get(name);
      if (value != null) {
        return value;
      }
    }
    return new Value.Undefined(name);
  }
}
