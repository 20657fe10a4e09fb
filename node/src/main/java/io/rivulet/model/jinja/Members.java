package io.rivulet.model.jinja;

import static io.rivulet.model.jinja.JinjaException.quote;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is within a value: attributes, methods, items, slices. */
final class Members {

  private final Budget budget;
  private final TextMethods textMethods;

  Members(Budget budget) {
    this.budget = budget;
    this.textMethods = new TextMethods(budget);
  }

  /** {@code object.name}: a method before an item. */
  Value attribute(Value object, String name) {
    Optional<Value> method = method(object, name);
    return method.isPresent() ? method.get() : entry(object, Value.of(name), name);
  }

  /** {@code object[key]}: an item before a method. */
  Value item(Value object, Value key) {
    Value value = entry(object, key, PythonText.of(key, budget));
    return value instanceof Value.Undefined && key instanceof Value.Text(String name)
        ? method(object, name).orElse(value)
        : value;
  }

  private Value entry(Value object, Value key, String shown) {
    return switch (object) {
      case Value.Undefined(String name) ->
          throw new JinjaException(quote(name) + " is undefined, and has no " + quote(shown));
      case Value.Mapping mapping ->
          mapping.entries().getOrDefault(hashable(key), new Value.Undefined(shown));
      case Value.Namespace namespace ->
          namespace.names().getOrDefault(shown, new Value.Undefined(shown));
      case Value.Sequence(List<Value> items, boolean tuple)
          when key instanceof Value.Int(long index) -> {
        long place = index < 0 ? index + items.size() : index;
        yield place >= 0 && place < items.size()
            ? items.get((int) place)
            : new Value.Undefined(shown);
      }
      case Value.Text(String text) when key instanceof Value.Int(long index) -> {
        budget.spendText(text.length());
        int length = text.codePointCount(0, text.length());
        long place = index < 0 ? index + length : index;
        yield place >= 0 && place < length
            ? Value.of(
                Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) place))))
            : new Value.Undefined(shown);
      }
      case Value.Sequence other -> new Value.Undefined(shown);
      case Value.Text other -> new Value.Undefined(shown);
      case Value.None other -> new Value.Undefined(shown);
      case Value.Bool other -> new Value.Undefined(shown);
      case Value.Int other -> new Value.Undefined(shown);
      case Value.Real other -> new Value.Undefined(shown);
      case Value.Function other -> new Value.Undefined(shown);
    };
  }

  private Optional<Value> method(Value object, String name) {
    return switch (object) {
      case Value.Text(String text) -> textMethods.find(text, name);
      case Value.Mapping mapping -> mappingMethod(mapping, name);
      case Value.Sequence(List<Value> items, boolean tuple) -> sequenceMethod(items, name);
      default -> Optional.empty();
    };
  }

  private Optional<Value> mappingMethod(Value.Mapping mapping, String name) {
    return switch (name) {
      case "items" -> function(name, arguments -> items(mapping));
      case "keys" -> function(name, arguments -> listed(List.copyOf(mapping.entries().keySet())));
      case "values" -> function(name, arguments -> listed(List.copyOf(mapping.entries().values())));
      case "get" ->
          function(
              name,
              arguments -> {
                Value value = mapping.entries().get(hashable(arguments.get(0, "key")));
                Value missing =
                    arguments.has(1, "default") ? arguments.get(1, "default") : Value.NONE;
                return value == null ? missing : value;
              });
      default -> Optional.empty();
    };
  }

  /** Pairs of keys and values. */
  Value items(Value.Mapping mapping) {
    var pairs = new ArrayList<Value>();
    mapping
        .entries()
        .forEach((key, value) -> pairs.add(new Value.Sequence(List.of(key, value), true)));
    return listed(pairs);
  }

  private Optional<Value> sequenceMethod(List<Value> items, String name) {
    var operators = new Operators(budget);
    return switch (name) {
      case "index" ->
          function(
              name,
              arguments -> {
                for (int i = 0; i < items.size(); i++) {
                  if (operators.equal(items.get(i), arguments.get(0, "value"))) {
                    return Value.of(i);
                  }
                }
                throw new JinjaException("the list has no such value");
              });
      case "count" ->
          function(
              name,
              arguments ->
                  Value.of(
                      items.stream()
                          .filter(item -> operators.equal(item, arguments.get(0, "value")))
                          .count()));
      case "append", "extend", "insert", "pop", "remove", "clear" ->
          throw new JinjaException("a list cannot be changed: make another with '+'");
      default -> Optional.empty();
    };
  }

  private Value listed(List<Value> items) {
    budget.spend(items.size());
    return new Value.Sequence(items);
  }

  /** {@code object[from:to:step]}. */
  Value slice(Value object, Value from, Value to, Value step) {
    return switch (object) {
      case Value.Text text -> {
        var out = new StringBuilder();
        for (Value character : sliced(Conversions.items(object, budget), from, to, step)) {
          out.append(((Value.Text) character).value());
        }
        yield Value.of(out.toString());
      }
      case Value.Sequence(List<Value> items, boolean tuple) ->
          new Value.Sequence(sliced(items, from, to, step), tuple);
      default -> throw new JinjaException(Conversions.kind(object) + " cannot be sliced");
    };
  }

  private List<Value> sliced(List<Value> items, Value from, Value to, Value step) {
    long by = step instanceof Value.None ? 1 : Conversions.integer(step, "a slice's step");
    if (by == 0) {
      throw new JinjaException("a slice's step is zero");
    }
    int size = items.size();
    int first = bound(from, size, by > 0 ? 0 : size - 1, by < 0);
    int end = bound(to, size, by > 0 ? size : -1, by < 0);
    var slice = new ArrayList<Value>();
    for (long i = first;
        by > 0 ? i < end : i > end;
        i = Math.addExact(i, Math.clamp(by, -size - 1, size + 1))) {
      budget.spend(1);
      slice.add(items.get((int) i));
    }
    return slice;
  }

  private static int bound(Value value, int size, int missing, boolean backwards) {
    if (value instanceof Value.None) {
      return missing;
    }
    long place = Conversions.integer(value, "a slice's end");
    long fromStart = place < 0 ? place + size : place;
    return (int) Math.clamp(fromStart, backwards ? -1L : 0L, backwards ? size - 1L : size);
  }

  /** A value that a dictionary may have as key. */
  static Value hashable(Value key) {
    return switch (key) {
      case Value.Text text -> text;
      case Value.Int number -> number;
      case Value.Real number -> number;
      case Value.Bool truth -> truth;
      case Value.None none -> none;
      case Value.Undefined undefined -> undefined;
      case Value.Sequence other -> throw unhashable(other);
      case Value.Mapping other -> throw unhashable(other);
      case Value.Namespace other -> throw unhashable(other);
      case Value.Function other -> throw unhashable(other);
    };
  }

  private static JinjaException unhashable(Value key) {
    return new JinjaException(Conversions.kind(key) + " cannot be a dictionary's key");
  }

  static Optional<Value> function(String name, Value.Function.Body body) {
    return Optional.of(new Value.Function(name, body));
  }
}
