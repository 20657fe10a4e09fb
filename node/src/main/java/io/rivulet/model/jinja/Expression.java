package io.rivulet.model.jinja;

import java.util.List;

/** What has a value. */
sealed interface Expression {

  /** A value that stands in the template. */
  record Constant(Value value) implements Expression {}

  /** A variable. */
  record Name(String name) implements Expression {}

  /** {@code [a, b]}, or the tuple {@code (a, b)}. */
  record Items(List<Expression> items, boolean tuple) implements Expression {}

  /** {@code {a: b}}. */
  record Pairs(List<Pair> pairs) implements Expression {}

  /** One of them. */
  record Pair(Expression key, Expression value) {}

  /** {@code -a}. */
  record Negative(Expression operand) implements Expression {}

  /** {@code +a}. */
  record Positive(Expression operand) implements Expression {}

  /** {@code not a}. */
  record Not(Expression operand) implements Expression {}

  /** {@code a and b}: the first false one, or b. */
  record And(Expression left, Expression right) implements Expression {}

  /** {@code a or b}: the first true one, or b. */
  record Or(Expression left, Expression right) implements Expression {}

  /** {@code a + b}. */
  record Binary(Operator operator, Expression left, Expression right) implements Expression {}

  /** {@code a < b <= c}: true if each holds. */
  record Compare(Expression first, List<Comparison> rest) implements Expression {}

  /** A step of it. */
  record Comparison(Comparator comparator, Expression right) {}

  /** {@code a if b else c}. */
  record Conditional(Expression condition, Expression then, Expression otherwise)
      implements Expression {}

  /** {@code a.name}. */
  record Attribute(Expression object, String name) implements Expression {}

  /** {@code a[b]}. */
  record Item(Expression object, Expression key) implements Expression {}

  /** {@code a[from:to:step]}; what is not there is the constant none. */
  record Slice(Expression object, Expression from, Expression to, Expression step)
      implements Expression {}

  /** {@code a(b, name=c)}. */
  record Call(Expression function, List<Argument> arguments) implements Expression {}

  /** {@code a | filter(b)}. */
  record Filter(Expression operand, String name, List<Argument> arguments) implements Expression {}

  /** {@code a is test(b)}. */
  record Test(Expression operand, String name, List<Argument> arguments) implements Expression {}

  /** An argument; of a positional one the name is empty. */
  record Argument(String name, Expression value) {}

  /** What computes. */
  enum Operator {
    ADD("+"),
    SUBTRACT("-"),
    MULTIPLY("*"),
    DIVIDE("/"),
    FLOOR_DIVIDE("//"),
    MODULO("%"),
    POWER("**"),
    CONCATENATE("~");

    private final String symbol;

    Operator(String symbol) {
      this.symbol = symbol;
    }

    String symbol() {
      return symbol;
    }
  }

  /** What compares. */
  enum Comparator {
    EQUAL("=="),
    NOT_EQUAL("!="),
    LESS("<"),
    LESS_OR_EQUAL("<="),
    GREATER(">"),
    GREATER_OR_EQUAL(">="),
    IN("in"),
    NOT_IN("not in");

    private final String symbol;

    Comparator(String symbol) {
      this.symbol = symbol;
    }

    String symbol() {
      return symbol;
    }
  }
}
