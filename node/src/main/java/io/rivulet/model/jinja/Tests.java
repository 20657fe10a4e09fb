package io.rivulet.model.jinja;

import static io.rivulet.model.jinja.JinjaException.quote;

import io.rivulet.model.jinja.Expression.Comparator;
import java.util.Locale;

/** What {@code a is b} asks. */
final class Tests {

  private final Operators operators;

  Tests(Operators operators) {
    this.operators = operators;
  }

  boolean holds(String test, Value value, Arguments arguments) {
    return switch (test) {
      case "defined" -> !(value instanceof Value.Undefined);
      case "undefined" -> value instanceof Value.Undefined;
      case "none" -> value instanceof Value.None;
      case "boolean" -> value instanceof Value.Bool;
      case "true" -> value instanceof Value.Bool(boolean truth) && truth;
      case "false" -> value instanceof Value.Bool(boolean truth) && !truth;
      case "integer" -> value instanceof Value.Int;
      case "float" -> value instanceof Value.Real;
      case "number" -> Operators.isNumber(value);
      case "string" -> value instanceof Value.Text;
      case "mapping" -> value instanceof Value.Mapping;
      case "sequence" ->
          value instanceof Value.Text
              || value instanceof Value.Sequence
              || value instanceof Value.Mapping
              || value instanceof Value.Undefined;
      case "iterable" ->
          value instanceof Value.Text
              || value instanceof Value.Sequence
              || value instanceof Value.Mapping
              || value instanceof Value.Undefined;
      case "callable" -> value instanceof Value.Function;
      case "odd" -> remainder(value, Value.of(2)) == 1;
      case "even" -> remainder(value, Value.of(2)) == 0;
      case "divisibleby" -> remainder(value, arguments.get(0, "num")) == 0;
      case "lower" -> text(value).equals(text(value).toLowerCase(Locale.ROOT));
      case "upper" -> text(value).equals(text(value).toUpperCase(Locale.ROOT));
      case "eq", "equalto", "sameas" -> compare(Comparator.EQUAL, value, arguments);
      case "ne" -> compare(Comparator.NOT_EQUAL, value, arguments);
      case "lt", "lessthan" -> compare(Comparator.LESS, value, arguments);
      case "le" -> compare(Comparator.LESS_OR_EQUAL, value, arguments);
      case "gt", "greaterthan" -> compare(Comparator.GREATER, value, arguments);
      case "ge" -> compare(Comparator.GREATER_OR_EQUAL, value, arguments);
      case "in" -> compare(Comparator.IN, value, arguments);
      default -> throw new JinjaException("test " + quote(test) + " is not known");
    };
  }

  private boolean compare(Comparator comparator, Value value, Arguments arguments) {
    return operators.compare(comparator, value, arguments.get(0, "other"));
  }

  private long remainder(Value value, Value divisor) {
    return Conversions.integer(
        operators.compute(Expression.Operator.MODULO, value, divisor), "the remainder");
  }

  private static String text(Value value) {
    return Conversions.text(value, "what is tested");
  }
}
