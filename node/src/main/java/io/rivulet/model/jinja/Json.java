package io.rivulet.model.jinja;

import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/** Values as JSON, as Python's {@code json.dumps} writes them with {@code ensure_ascii=False}. */
final class Json {

  private final Budget budget;
  private final StringBuilder out = new StringBuilder();
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sorted;

  private Json(Arguments arguments, Budget budget) {
    this.budget = budget;
    Value width = arguments.get(1, "indent");
    boolean lines = width instanceof Value.Int || width instanceof Value.Text;
    this.indent = lines ? indent(width) : "";
    String usual = lines ? "," : ", ";
    if (arguments.get(2, "separators") instanceof Value.Sequence(List<Value> both, boolean tuple)
        && both.size() == 2) {
      this.itemSeparator = Conversions.text(both.getFirst(), "a separator") + (lines ? "\n" : "");
      this.keySeparator = Conversions.text(both.getLast(), "a separator");
    } else {
      this.itemSeparator = usual + (lines ? "\n" : "");
      this.keySeparator = ": ";
    }
    this.sorted = arguments.truth(3, "sort_keys", false);
  }

  /** By the arguments of {@code tojson}: ensure_ascii, indent, separators, sort_keys. */
  static String write(Value value, Arguments arguments, Budget budget) {
    var json = new Json(arguments, budget);
    json.write(value, 0);
    return json.out.toString();
  }

  private static String indent(Value width) {
    return width instanceof Value.Text(String text)
        ? text
        : " ".repeat(Math.clamp(Conversions.integer(width, "indent"), 0, 64));
  }

  private void write(Value value, int level) {
    budget.enter();
    switch (value) {
      case Value.None none -> out.append("null");
      case Value.Bool(boolean truth) -> out.append(truth);
      case Value.Int(long number) -> out.append(number);
      case Value.Real(double number) -> out.append(real(number));
      case Value.Text(String text) -> writeText(text);
      case Value.Sequence(List<Value> items, boolean tuple) -> {
        open('[', items.isEmpty());
        boolean first = true;
        for (Value item : items) {
          separate(first, level + 1);
          write(item, level + 1);
          first = false;
        }
        close(']', items.isEmpty(), level);
      }
      case Value.Mapping mapping -> writeMapping(mapping.entries(), level);
      case Value.Undefined other -> throw unknown(other);
      case Value.Namespace other -> throw unknown(other);
      case Value.Function other -> throw unknown(other);
    }
    budget.checkLength(out.length());
    budget.leave();
  }

  private static JinjaException unknown(Value value) {
    return new JinjaException(Conversions.kind(value) + " cannot be written as JSON");
  }

  private void writeMapping(SequencedMap<Value, Value> entries, int level) {
    open('{', entries.isEmpty());
    boolean first = true;
    SequencedMap<Value, Value> ordered = entries;
    if (sorted) {
      ordered = new TreeMap<>(new Operators(budget)::order);
      ordered.putAll(entries);
    }
    for (var entry : ordered.entrySet()) {
      separate(first, level + 1);
      writeText(key(entry.getKey()));
      out.append(keySeparator);
      write(entry.getValue(), level + 1);
      first = false;
    }
    close('}', entries.isEmpty(), level);
  }

  private static String key(Value key) {
    return switch (key) {
      case Value.Text(String text) -> text;
      case Value.None none -> "null";
      case Value.Bool(boolean truth) -> String.valueOf(truth);
      case Value.Int(long number) -> String.valueOf(number);
      case Value.Real(double number) -> real(number);
      default -> throw unknown(key);
    };
  }

  private static String real(double number) {
    if (Double.isNaN(number)) {
      return "NaN";
    }
    return Double.isInfinite(number)
        ? (number < 0 ? "-Infinity" : "Infinity")
        : PythonText.real(number);
  }

  private void open(char bracket, boolean empty) {
    out.append(bracket);
    if (!empty && itemSeparator.endsWith("\n")) {
      out.append('\n');
    }
  }

  private void separate(boolean first, int level) {
    if (!first) {
      out.append(itemSeparator);
    }
    indent(level);
  }

  private void close(char bracket, boolean empty, int level) {
    if (!empty && itemSeparator.endsWith("\n")) {
      out.append('\n');
      indent(level);
    }
    out.append(bracket);
  }

  private void indent(int level) {
    budget.spendText((long) indent.length() * level);
    out.repeat(indent, level);
    budget.checkLength(out.length());
  }

  private void writeText(String text) {
    budget.spendText(text.length());
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ') {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
