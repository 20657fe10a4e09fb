package io.rivulet.model.jinja;

import java.util.List;
import java.util.Optional;

/** What prints or does something. */
sealed interface Statement {

  /** Where it begins, from 1. */
  int line();

  /** Text as it is. */
  record Data(int line, String text) implements Statement {}

  /** {@code {{ a }}}. */
  record Print(int line, Expression value) implements Statement {}

  /** {@code if}, each {@code elif}, {@code else}. */
  record If(int line, List<Branch> branches, List<Statement> otherwise) implements Statement {}

  /** One of them. */
  record Branch(Expression condition, List<Statement> body) {}

  /** {@code for a, b in c if d}. */
  record For(
      int line,
      List<String> names,
      Expression items,
      Optional<Expression> condition,
      List<Statement> body,
      List<Statement> otherwise)
      implements Statement {}

  /** {@code break}. */
  record Break(int line) implements Statement {}

  /** {@code continue}. */
  record Continue(int line) implements Statement {}

  /** {@code set a, b = c}. */
  record Set(int line, List<String> names, Expression value) implements Statement {}

  /** {@code set a.b = c}. */
  record SetAttribute(int line, String namespace, String name, Expression value)
      implements Statement {}

  /** {@code set a}, a body and {@code endset}. */
  record SetBlock(int line, String name, List<FilterCall> filters, List<Statement> body)
      implements Statement {}

  /** {@code filter f}, a body and {@code endfilter}. */
  record FilterBlock(int line, List<FilterCall> filters, List<Statement> body)
      implements Statement {}

  /** A filter and its arguments. */
  record FilterCall(String name, List<Expression.Argument> arguments) {}

  /** {@code with a = b}, a body and {@code endwith}. */
  record With(int line, List<Expression.Argument> variables, List<Statement> body)
      implements Statement {}

  /** {@code macro a(b, c=d)}. */
  record Macro(int line, String name, List<Parameter> parameters, List<Statement> body)
      implements Statement {}

  /** What a macro takes. */
  record Parameter(String name, Optional<Expression> usual) {}

  /** {@code call(a) b(c)}: the body is what {@code caller(a)} gives within the macro b. */
  record CallBlock(int line, List<Parameter> parameters, Expression.Call call, List<Statement> body)
      implements Statement {}
}
