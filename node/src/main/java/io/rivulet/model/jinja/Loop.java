package io.rivulet.model.jinja;

import java.util.HashMap;
import java.util.List;

/** The variable {@code loop} within a loop. */
final class Loop {

  private Loop() {}

  static Value at(List<Value> items, int i) {
    int size = items.size();
    var names = new HashMap<String, Value>();
    names.put("index", Value.of(i + 1));
    names.put("index0", Value.of(i));
    names.put("revindex", Value.of(size - i));
    names.put("revindex0", Value.of(size - i - 1));
    names.put("first", Value.of(i == 0));
    names.put("last", Value.of(i == size - 1));
    names.put("length", Value.of(size));
    if (i > 0) {
      names.put("previtem", items.get(i - 1));
    }
    if (i < size - 1) {
      names.put("nextitem", items.get(i + 1));
    }
    names.put("cycle", new Value.Function("cycle", arguments -> cycled(arguments, i)));
    return new Value.Namespace(names);
  }

  private static Value cycled(Arguments arguments, int i) {
    List<Value> values = arguments.positional();
    if (values.isEmpty()) {
      throw new JinjaException("loop.cycle has no values");
    }
    return values.get(i % values.size());
  }
}
