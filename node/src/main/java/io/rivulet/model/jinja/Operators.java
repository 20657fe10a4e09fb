package io.rivulet.model.jinja;

import static io.rivulet.model.jinja.Conversions.kind;

import io.rivulet.model.jinja.Expression.Comparator;
import io.rivulet.model.jinja.Expression.Operator;
import java.util.ArrayList;
import java.util.List;

/** Arithmetic and comparisons, by Python's rules. */
final class Operators {

  private final Budget budget;

  Operators(Budget budget) {
    this.budget = budget;
  }

  Value negative(Value value) {
    return switch (value) {
      case Value.Real(double number) -> new Value.Real(-number);
      default -> compute(Operator.SUBTRACT, Value.of(0), value);
    };
  }

  Value positive(Value value) {
    return compute(Operator.ADD, Value.of(0), value);
  }

  Value compute(Operator operator, Value left, Value right) {
    if (operator == Operator.CONCATENATE) {
      return concatenate(PythonText.of(left, budget), PythonText.of(right, budget));
    }
    if (isNumber(left) && isNumber(right)) {
      return left instanceof Value.Real || right instanceof Value.Real
          ? reals(operator, real(left), real(right))
          : integers(operator, Conversions.integer(left, ""), Conversions.integer(right, ""));
    }
    if (operator == Operator.ADD) {
      if (left instanceof Value.Text(String a) && right instanceof Value.Text(String b)) {
        return concatenate(a, b);
      }
      if (left instanceof Value.Sequence(List<Value> a, boolean leftTuple)
          && right instanceof Value.Sequence(List<Value> b, boolean rightTuple)) {
        budget.spend((long) a.size() + b.size());
        var all = new ArrayList<Value>(a);
        all.addAll(b);
        return new Value.Sequence(all);
      }
    }
    if (operator == Operator.MULTIPLY && left instanceof Value.Int(long times)) {
      return repeat(right, times);
    }
    if (operator == Operator.MULTIPLY && right instanceof Value.Int(long times)) {
      return repeat(left, times);
    }
    throw new JinjaException(
        "%s and %s have no '%s'".formatted(kind(left), kind(right), operator.symbol()));
  }

  private Value concatenate(String a, String b) {
    budget.spendText((long) a.length() + b.length());
    return Value.of(a.concat(b));
  }

  private Value repeat(Value value, long times) {
    int count = Math.clamp(times, 0, Integer.MAX_VALUE);
    return switch (value) {
      case Value.Text(String text) -> {
        budget.spendText((long) text.length() * count);
        yield Value.of(text.repeat(count));
      }
      case Value.Sequence(List<Value> items, boolean tuple) -> {
        budget.spend((long) items.size() * count);
        var all = new ArrayList<Value>();
        for (int i = 0; i < count && !items.isEmpty(); i++) {
          all.addAll(items);
        }
        yield new Value.Sequence(all);
      }
      default -> throw new JinjaException(kind(value) + " and an integer have no '*'");
    };
  }

  private static Value integers(Operator operator, long a, long b) {
    try {
      return switch (operator) {
        case ADD -> Value.of(Math.addExact(a, b));
        case SUBTRACT -> Value.of(Math.subtractExact(a, b));
        case MULTIPLY -> Value.of(Math.multiplyExact(a, b));
        case DIVIDE -> new Value.Real(divisor((double) a, (double) b, (double) a / (double) b));
        case FLOOR_DIVIDE -> Value.of(Math.floorDivExact(a, b));
        case MODULO -> Value.of(Math.floorMod(a, b));
        case POWER ->
            b < 0
                ? reals(operator, (double) a, (double) b)
                : Value.of(Math.powExact(a, Math.toIntExact(b)));
        case CONCATENATE -> throw new IllegalStateException("no arithmetic");
      };
    } catch (ArithmeticException e) {
      throw new JinjaException(
          "'%s' of %d and %d is not defined or too large".formatted(operator.symbol(), a, b));
    }
  }

  private static Value reals(Operator operator, double a, double b) {
    return new Value.Real(
        switch (operator) {
          case ADD -> a + b;
          case SUBTRACT -> a - b;
          case MULTIPLY -> a * b;
          case DIVIDE -> divisor(a, b, a / b);
          case FLOOR_DIVIDE -> divisor(a, b, Math.floor(a / b));
          case MODULO -> divisor(a, b, a - b * Math.floor(a / b));
          case POWER -> Math.pow(a, b);
          case CONCATENATE -> throw new IllegalStateException("no arithmetic");
        });
  }

  private static double divisor(double a, double b, double quotient) {
    if (b == 0) {
      throw new JinjaException("%s is divided by zero".formatted(PythonText.real(a)));
    }
    return quotient;
  }

  boolean compare(Comparator comparator, Value left, Value right) {
    return switch (comparator) {
      case EQUAL -> equal(left, right);
      case NOT_EQUAL -> !equal(left, right);
      case LESS -> order(left, right) < 0;
      case LESS_OR_EQUAL -> order(left, right) <= 0;
      case GREATER -> order(left, right) > 0;
      case GREATER_OR_EQUAL -> order(left, right) >= 0;
      case IN -> contains(right, left);
      case NOT_IN -> !contains(right, left);
    };
  }

  @SuppressWarnings("ReferenceEquality") // namespaces and functions are what they are
  boolean equal(Value left, Value right) {
    budget.enter();
    boolean equal;
    if (isNumber(left) && isNumber(right)) {
      equal = compareNumbers(left, right) == 0;
    } else if (left instanceof Value.Sequence(List<Value> a, boolean leftTuple)
        && right instanceof Value.Sequence(List<Value> b, boolean rightTuple)) {
      equal = a.size() == b.size();
      for (int i = 0; equal && i < a.size(); i++) {
        equal = equal(a.get(i), b.get(i));
      }
    } else if (left instanceof Value.Mapping a && right instanceof Value.Mapping b) {
      equal = a.entries().size() == b.entries().size();
      for (var entry : a.entries().entrySet()) {
        Value other = b.entries().get(entry.getKey());
        equal = equal && other != null && equal(entry.getValue(), other);
      }
    } else if (left instanceof Value.Text(String a) && right instanceof Value.Text(String b)) {
      budget.spendText(Math.min(a.length(), b.length()));
      equal = a.equals(b);
    } else if (left instanceof Value.Undefined && right instanceof Value.Undefined) {
      equal = true;
    } else {
      equal = left == right || (left instanceof Value.None && right instanceof Value.None);
    }
    budget.leave();
    return equal;
  }

  /** Negative, zero or positive as left comes before, with or after right. */
  int order(Value left, Value right) {
    budget.enter();
    int order;
    if (isNumber(left) && isNumber(right)) {
      order = compareNumbers(left, right);
    } else if (left instanceof Value.Text(String a) && right instanceof Value.Text(String b)) {
      budget.spendText(Math.min(a.length(), b.length()));
      order = a.compareTo(b);
    } else if (left instanceof Value.Sequence(List<Value> a, boolean leftTuple)
        && right instanceof Value.Sequence(List<Value> b, boolean rightTuple)) {
      order = Integer.compare(a.size(), b.size());
      for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
        if (!equal(a.get(i), b.get(i))) {
          order = order(a.get(i), b.get(i));
          break;
        }
      }
    } else {
      throw new JinjaException(kind(left) + " and " + kind(right) + " have no order");
    }
    budget.leave();
    return order;
  }

  boolean contains(Value container, Value value) {
    return switch (container) {
      case Value.Text(String text) -> {
        String part = Conversions.text(value, "what is searched in a string");
        budget.spendSearch(text, part);
        yield text.contains(part);
      }
      case Value.Mapping mapping -> mapping.entries().containsKey(Members.hashable(value));
      default -> Conversions.items(container, budget).stream().anyMatch(item -> equal(item, value));
    };
  }

  static boolean isNumber(Value value) {
    return value instanceof Value.Int || value instanceof Value.Real || value instanceof Value.Bool;
  }

  static double real(Value number) {
    return number instanceof Value.Real(double value)
        ? value
        : (double) Conversions.integer(number, "");
  }

  private static int compareNumbers(Value a, Value b) {
    return a instanceof Value.Real || b instanceof Value.Real
        ? Double.compare(real(a) + 0.0, real(b) + 0.0)
        : Long.compare(Conversions.integer(a, ""), Conversions.integer(b, ""));
  }
}
