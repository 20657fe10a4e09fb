package io.rivulet.model.jinja;

import java.math.BigDecimal;
import java.util.List;

/** Values as text: Python's {@code str()} and {@code repr()}. */
final class PythonText {

  private final Budget budget;
  private final StringBuilder out = new StringBuilder();

  private PythonText(Budget budget) {
    this.budget = budget;
  }

  /** As {@code str()} has it. */
  static String of(Value value, Budget budget) {
    return switch (value) {
      case Value.Undefined undefined -> "";
      case Value.Text(String text) -> text;
      default -> {
        var writer = new PythonText(budget);
        writer.write(value);
        yield writer.out.toString();
      }
    };
  }

  /** A float as Python writes it: always with a point or an exponent. */
  static String real(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value < 0 ? "-inf" : "inf";
    }
    double magnitude = Math.abs(value);
    if (magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16)) {
      String plain = new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
      String signed = value == 0 && 1 / value < 0 && !plain.startsWith("-") ? "-" + plain : plain;
      return signed.contains(".") ? signed : signed + ".0";
    }
    String[] parts = Double.toString(value).split("E", 2);
    String digits =
        parts[0].endsWith(".0") ? parts[0].substring(0, parts[0].length() - 2) : parts[0];
    int exponent = Integer.parseInt(parts[1]);
    return "%se%s%02d".formatted(digits, exponent < 0 ? "-" : "+", Math.abs(exponent));
  }

  private void write(Value value) {
    budget.enter();
    switch (value) {
      case Value.Undefined undefined -> out.append("Undefined");
      case Value.None none -> out.append("None");
      case Value.Bool(boolean truth) -> out.append(truth ? "True" : "False");
      case Value.Int(long number) -> out.append(number);
      case Value.Real(double number) -> out.append(real(number));
      case Value.Text(String text) -> writeQuoted(text);
      case Value.Sequence(List<Value> items, boolean tuple) -> {
        out.append(tuple ? '(' : '[');
        String separator = "";
        for (Value item : items) {
          out.append(separator);
          write(item);
          separator = ", ";
        }
        out.append(tuple ? (items.size() == 1 ? ",)" : ")") : "]");
      }
      case Value.Mapping mapping -> {
        out.append('{');
        String separator = "";
        for (var entry : mapping.entries().entrySet()) {
          out.append(separator);
          write(entry.getKey());
          out.append(": ");
          write(entry.getValue());
          separator = ", ";
        }
        out.append('}');
      }
      case Value.Namespace namespace -> out.append("<Namespace>");
      case Value.Function(String name, Value.Function.Body body) ->
          out.append("<function ").append(name).append('>');
    }
    budget.checkLength(out.length());
    budget.leave();
  }

  private void writeQuoted(String text) {
    budget.spendText(text.length());
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    out.append(quote);
    text.chars()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                  if (c == quote) {
                    out.append('\\');
                  }
                  if (c < ' ' || c == 0x7f) {
                    out.append("\\x%02x".formatted(c));
                  } else {
                    out.append((char) c);
                  }
                }
              }
            });
    out.append(quote);
  }
}
