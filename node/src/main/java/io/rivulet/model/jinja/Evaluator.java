package io.rivulet.model.jinja;

import io.rivulet.model.jinja.Expression.Argument;
import io.rivulet.model.jinja.Expression.Comparison;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;

/** Computes expressions. */
final class Evaluator {

  private final Budget budget;
  private final Operators operators;
  private final Members members;
  private final Filters filters;
  private final Tests tests;

  Evaluator(Budget budget) {
    this.budget = budget;
    this.operators = new Operators(budget);
    this.members = new Members(budget);
    this.tests = new Tests(operators);
    this.filters = new Filters(budget, operators, members, tests);
  }

  Value evaluate(Expression expression, Scope scope) {
    budget.enter();
    Value value =
        switch (expression) {
          case Expression.Constant(Value constant) -> constant;
          case Expression.Name(String name) -> scope.get(name);
          case Expression.Items(List<Expression> items, boolean tuple) ->
              new Value.Sequence(all(items, scope), tuple);
          case Expression.Pairs(List<Expression.Pair> pairs) -> mapping(pairs, scope);
          case Expression.Negative(Expression operand) ->
              operators.negative(evaluate(operand, scope));
          case Expression.Positive(Expression operand) ->
              operators.positive(evaluate(operand, scope));
          case Expression.Not(Expression operand) -> Value.of(!truth(operand, scope));
          case Expression.And(Expression left, Expression right) -> {
            Value first = evaluate(left, scope);
            yield Conversions.truth(first) ? evaluate(right, scope) : first;
          }
          case Expression.Or(Expression left, Expression right) -> {
            Value first = evaluate(left, scope);
            yield Conversions.truth(first) ? first : evaluate(right, scope);
          }
          case Expression.Binary(Expression.Operator operator, Expression left, Expression right) ->
              operators.compute(operator, evaluate(left, scope), evaluate(right, scope));
          case Expression.Compare(Expression first, List<Comparison> rest) ->
              Value.of(compare(first, rest, scope));
          case Expression.Conditional(
                  Expression condition,
                  Expression then,
                  Expression otherwise) ->
              evaluate(truth(condition, scope) ? then : otherwise, scope);
          case Expression.Attribute(Expression object, String name) ->
              members.attribute(evaluate(object, scope), name);
          case Expression.Item(Expression object, Expression key) ->
              members.item(evaluate(object, scope), evaluate(key, scope));
          case Expression.Slice(
                  Expression object,
                  Expression from,
                  Expression to,
                  Expression step) ->
              members.slice(
                  evaluate(object, scope),
                  evaluate(from, scope),
                  evaluate(to, scope),
                  evaluate(step, scope));
          case Expression.Call(Expression function, List<Argument> given) ->
              call(evaluate(function, scope), arguments(given, scope));
          case Expression.Filter(Expression operand, String name, List<Argument> given) ->
              filters.apply(name, evaluate(operand, scope), arguments(given, scope));
          case Expression.Test(Expression operand, String name, List<Argument> given) ->
              Value.of(tests.holds(name, evaluate(operand, scope), arguments(given, scope)));
        };
    budget.leave();
    return value;
  }

  boolean truth(Expression expression, Scope scope) {
    return Conversions.truth(evaluate(expression, scope));
  }

  Value filter(Value value, List<Statement.FilterCall> calls, Scope scope) {
    Value filtered = value;
    for (Statement.FilterCall call : calls) {
      filtered = filters.apply(call.name(), filtered, arguments(call.arguments(), scope));
    }
    return filtered;
  }

  Value call(Value function, Arguments arguments) {
    if (function instanceof Value.Function(String name, Value.Function.Body body)) {
      return body.call(arguments);
    }
    throw new JinjaException(Conversions.kind(function) + " cannot be called");
  }

  Arguments arguments(List<Argument> given, Scope scope) {
    if (given.isEmpty()) {
      return Arguments.NONE;
    }
    var positional = new ArrayList<Value>();
    var named = new LinkedHashMap<String, Value>();
    for (Argument argument : given) {
      Value value = evaluate(argument.value(), scope);
      if (argument.name().isEmpty()) {
        positional.add(value);
      } else {
        named.put(argument.name(), value);
      }
    }
    return new Arguments(positional, named);
  }

  private List<Value> all(List<Expression> expressions, Scope scope) {
    var values = new ArrayList<Value>(expressions.size());
    expressions.forEach(expression -> values.add(evaluate(expression, scope)));
    return values;
  }

  private Value mapping(List<Expression.Pair> pairs, Scope scope) {
    var entries = new LinkedHashMap<Value, Value>();
    for (Expression.Pair pair : pairs) {
      entries.put(Members.hashable(evaluate(pair.key(), scope)), evaluate(pair.value(), scope));
    }
    return new Value.Mapping(entries);
  }

  private boolean compare(Expression first, List<Comparison> rest, Scope scope) {
    Value left = evaluate(first, scope);
    for (Comparison comparison : rest) {
      Value right = evaluate(comparison.right(), scope);
      if (!operators.compare(comparison.comparator(), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }
}
