package io.rivulet.model.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** A value that a template computes with: Python's, as far as templates meet them. */
public sealed interface Value {

  /** Where there is nothing: prints as nothing, is false, and has no attributes. */
  record Undefined(String name) implements Value {}

  /** Python's {@code None}. */
  record None() implements Value {}

  /** A truth value. */
  record Bool(boolean value) implements Value {}

  /** An integer; overflow is an error. */
  record Int(long value) implements Value {}

  /** A floating-point number. */
  record Real(double value) implements Value {}

  /** A string. */
  record Text(String value) implements Value {}

  /** A list, or a tuple: they differ in how they print alone. */
  record Sequence(List<Value> items, boolean tuple) implements Value {

    /** Keeps the list, which must not change any more. */
    public Sequence {
      items = Collections.unmodifiableList(items);
    }

    /** A list. */
    public Sequence(List<Value> items) {
      this(items, false);
    }
  }

  /** A dictionary. */
  record Mapping(SequencedMap<Value, Value> entries) implements Value {

    /** Keeps the map, which must not change any more. */
    public Mapping {
      entries = Collections.unmodifiableSequencedMap(entries);
    }

    /** A dictionary whose keys are strings. */
    public static Mapping of(SequencedMap<String, Value> entries) {
      var values = new LinkedHashMap<Value, Value>();
      entries.forEach((key, value) -> values.put(new Text(key), value));
      return new Mapping(values);
    }
  }

  /** What {@code namespace()} makes: the one thing that a template can change. */
  record Namespace(Map<String, Value> names) implements Value {}

  /** Something to call: a function, a method with its object, a macro. */
  record Function(String name, Body body) implements Value {

    /** What a call does. */
    @FunctionalInterface
    public interface Body {
      /** The result. */
      Value call(Arguments arguments);
    }
  }

  /** Nothing, as an expression's value. */
  Value NONE = new None();

  /** Truth. */
  Value TRUE = new Bool(true);

  /** Falsehood. */
  Value FALSE = new Bool(false);

  /** A truth value. */
  static Value of(boolean value) {
    return value ? TRUE : FALSE;
  }

  /** An integer. */
  static Value of(long value) {
    return new Int(value);
  }

  /** A string. */
  static Value of(String value) {
    return new Text(value);
  }

  /** A list of strings. */
  static Value ofTexts(List<String> texts) {
    var items = new ArrayList<Value>(texts.size());
    texts.forEach(text -> items.add(new Text(text)));
    return new Sequence(items);
  }
}
