package io.rivulet.model.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a template can call without being given it. */
final class Functions {

  private final Budget budget;

  Functions(Budget budget) {
    this.budget = budget;
  }

  Map<String, Value> all() {
    return Map.of(
        "range", new Value.Function("range", this::range),
        "namespace", new Value.Function("namespace", Functions::namespace),
        "dict", new Value.Function("dict", this::dict));
  }

  private Value range(Arguments arguments) {
    boolean one = arguments.positional().size() == 1;
    long from = one ? 0 : arguments.integer(0, "start", 0);
    long to = arguments.integer(one ? 0 : 1, "stop", 0);
    long step = arguments.integer(2, "step", 1);
    if (step == 0) {
      throw new JinjaException("range has a step of zero");
    }
    var numbers = new ArrayList<Value>();
    try {
      for (long i = from; step > 0 ? i < to : i > to; i = Math.addExact(i, step)) {
        budget.spend(1);
        numbers.add(Value.of(i));
      }
    } catch (ArithmeticException e) {
      // The next would be beyond any end.
      return new Value.Sequence(numbers);
    }
    return new Value.Sequence(numbers);
  }

  private static Value namespace(Arguments arguments) {
    var names = new HashMap<String, Value>();
    if (arguments.get(0, "") instanceof Value.Mapping mapping) {
      mapping.entries().forEach((key, value) -> names.put(Conversions.text(key, "a name"), value));
    }
    names.putAll(arguments.named());
    return new Value.Namespace(names);
  }

  private Value dict(Arguments arguments) {
    var entries = new LinkedHashMap<Value, Value>();
    if (arguments.get(0, "") instanceof Value.Mapping mapping) {
      budget.spend(mapping.entries().size());
      entries.putAll(mapping.entries());
    }
    arguments.named().forEach((key, value) -> entries.put(Value.of(key), value));
    return new Value.Mapping(entries);
  }
}
