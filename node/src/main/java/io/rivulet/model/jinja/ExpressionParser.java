package io.rivulet.model.jinja;

import io.rivulet.model.jinja.Expression.Argument;
import io.rivulet.model.jinja.Expression.Comparator;
import io.rivulet.model.jinja.Expression.Comparison;
import io.rivulet.model.jinja.Expression.Constant;
import io.rivulet.model.jinja.Expression.Operator;
import io.rivulet.model.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads expressions, with jinja2's precedence: filters and tests bind tighter than operators. */
final class ExpressionParser {

  private static final Set<Comparator> SYMBOLS =
      EnumSet.complementOf(EnumSet.of(Comparator.IN, Comparator.NOT_IN));

  /** What binary operators there are, the loosest first. */
  private static final List<List<Operator>> PRECEDENCE =
      List.of(
          List.of(Operator.ADD, Operator.SUBTRACT),
          List.of(Operator.CONCATENATE),
          List.of(Operator.MULTIPLY, Operator.DIVIDE, Operator.FLOOR_DIVIDE, Operator.MODULO),
          List.of(Operator.POWER));

  private final Words words;

  ExpressionParser(Words words) {
    this.words = words;
  }

  /** An expression, {@code a if b else c} included. */
  Expression parse() {
    words.enter();
    Expression value = or();
    while (words.takeName("if")) {
      Expression condition = or();
      Expression otherwise =
          words.takeName("else") ? parse() : new Constant(new Value.Undefined("else"));
      value = new Expression.Conditional(condition, value, otherwise);
    }
    words.leave();
    return value;
  }

  /** An expression, or a tuple of them without parentheses. */
  Expression parseTuple() {
    Expression first = parse();
    if (!words.atOperator(",")) {
      return first;
    }
    var items = new ArrayList<Expression>(List.of(first));
    while (words.takeOperator(",") && !words.peek().is(Kind.BLOCK_END)) {
      items.add(parse());
    }
    return new Expression.Items(items, true);
  }

  /** An expression that is no {@code a if b else c}: a loop's list, where if means a filter. */
  Expression or() {
    Expression left = and();
    while (words.takeName("or")) {
      left = new Expression.Or(left, and());
    }
    return left;
  }

  private Expression and() {
    Expression left = not();
    while (words.takeName("and")) {
      left = new Expression.And(left, not());
    }
    return left;
  }

  private Expression not() {
    if (!words.takeName("not")) {
      return compare();
    }
    words.enter();
    var not = new Expression.Not(not());
    words.leave();
    return not;
  }

  private Expression compare() {
    Expression first = binary(0);
    var rest = new ArrayList<Comparison>();
    for (var next = comparator(); next.isPresent(); next = comparator()) {
      rest.add(new Comparison(next.get(), binary(0)));
    }
    return rest.isEmpty() ? first : new Expression.Compare(first, rest);
  }

  private Optional<Comparator> comparator() {
    if (words.takeName("in")) {
      return Optional.of(Comparator.IN);
    }
    if (words.atNames("not", "in")) {
      words.next();
      words.next();
      return Optional.of(Comparator.NOT_IN);
    }
    return SYMBOLS.stream().filter(c -> words.takeOperator(c.symbol())).findFirst();
  }

  private Expression binary(int level) {
    if (level == PRECEDENCE.size()) {
      return unary(true);
    }
    Expression left = binary(level + 1);
    for (var next = operator(level); next.isPresent(); next = operator(level)) {
      left = new Expression.Binary(next.get(), left, binary(level + 1));
    }
    return left;
  }

  private Optional<Operator> operator(int level) {
    return PRECEDENCE.get(level).stream().filter(o -> words.takeOperator(o.symbol())).findFirst();
  }

  private Expression unary(boolean filtered) {
    words.enter();
    Expression value;
    if (words.takeOperator("-")) {
      value = new Expression.Negative(unary(false));
    } else if (words.takeOperator("+")) {
      value = new Expression.Positive(unary(false));
    } else {
      value = postfix(primary());
    }
    words.leave();
    return filtered ? filters(value) : value;
  }

  private Expression primary() {
    Token token = words.next();
    return switch (token.kind()) {
      case NAME -> name(token.text());
      case STRING -> new Constant(Value.of(strings(token)));
      case INTEGER -> new Constant(Value.of(integer(token)));
      case REAL -> new Constant(new Value.Real(Double.parseDouble(token.text())));
      case OPERATOR ->
          switch (token.text()) {
            case "(" -> parenthesised();
            case "[" -> new Expression.Items(list("]"), false);
            case "{" -> pairs();
            default -> throw unexpected(token);
          };
      case DATA, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, END -> throw unexpected(token);
    };
  }

  private static JinjaException unexpected(Token token) {
    return new JinjaException(
        token.line(), "unexpected " + token.shown() + ", expected an expression");
  }

  private static Expression name(String name) {
    return switch (name) {
      case "true", "True" -> new Constant(Value.TRUE);
      case "false", "False" -> new Constant(Value.FALSE);
      case "none", "None" -> new Constant(Value.NONE);
      default -> new Expression.Name(name);
    };
  }

  /** Strings that follow each other are one. */
  private String strings(Token first) {
    var text = new StringBuilder(first.text());
    while (words.peek().is(Kind.STRING)) {
      text.append(words.next().text());
    }
    return text.toString();
  }

  private static long integer(Token token) {
    try {
      return Long.parseLong(token.text());
    } catch (NumberFormatException e) {
      throw new JinjaException(token.line(), "the integer is too large");
    }
  }

  private Expression parenthesised() {
    if (words.takeOperator(")")) {
      return new Expression.Items(List.of(), true);
    }
    Expression first = parse();
    if (words.takeOperator(")")) {
      return first;
    }
    words.expectOperator(",");
    var items = new ArrayList<Expression>(List.of(first));
    items.addAll(list(")"));
    return new Expression.Items(items, true);
  }

  private List<Expression> list(String end) {
    var items = new ArrayList<Expression>();
    while (!words.takeOperator(end)) {
      items.add(parse());
      if (!words.atOperator(end)) {
        words.expectOperator(",");
      }
    }
    return items;
  }

  private Expression pairs() {
    var pairs = new ArrayList<Expression.Pair>();
    while (!words.takeOperator("}")) {
      Expression key = parse();
      words.expectOperator(":");
      pairs.add(new Expression.Pair(key, parse()));
      if (!words.atOperator("}")) {
        words.expectOperator(",");
      }
    }
    return new Expression.Pairs(pairs);
  }

  private Expression postfix(Expression start) {
    Expression value = start;
    while (true) {
      if (words.takeOperator(".")) {
        value = attribute(value);
      } else if (words.takeOperator("[")) {
        value = subscript(value);
      } else if (words.takeOperator("(")) {
        value = new Expression.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  private Expression attribute(Expression object) {
    if (words.peek().is(Kind.INTEGER)) {
      return new Expression.Item(object, new Constant(Value.of(integer(words.next()))));
    }
    return new Expression.Attribute(object, words.expectName());
  }

  private Expression subscript(Expression object) {
    Expression from = sliceEnd();
    if (!words.takeOperator(":")) {
      Expression key = from;
      words.expectOperator("]");
      return new Expression.Item(object, key);
    }
    Expression to = sliceEnd();
    Expression step = words.takeOperator(":") ? sliceEnd() : new Constant(Value.NONE);
    words.expectOperator("]");
    return new Expression.Slice(object, from, to, step);
  }

  private Expression sliceEnd() {
    return words.atOperator(":") || words.atOperator("]") ? new Constant(Value.NONE) : parse();
  }

  /** What stands between parentheses, the opening one already taken. */
  List<Argument> arguments() {
    var arguments = new ArrayList<Argument>();
    while (!words.takeOperator(")")) {
      String name = "";
      if (words.atNameThen("=")) {
        name = words.expectName();
        words.expectOperator("=");
      }
      arguments.add(new Argument(name, parse()));
      if (!words.atOperator(")")) {
        words.expectOperator(",");
      }
    }
    return arguments;
  }

  private Expression filters(Expression start) {
    Expression value = start;
    while (true) {
      if (words.takeOperator("|")) {
        Statement.FilterCall filter = filter();
        value = new Expression.Filter(value, filter.name(), filter.arguments());
      } else if (words.takeName("is")) {
        value = test(value);
      } else if (words.takeOperator("(")) {
        value = new Expression.Call(value, arguments());
      } else {
        return value;
      }
    }
  }

  /** A filter, its bar already taken. */
  Statement.FilterCall filter() {
    String name = words.expectName();
    return new Statement.FilterCall(name, words.takeOperator("(") ? arguments() : List.of());
  }

  private Expression test(Expression operand) {
    boolean negated = words.takeName("not");
    String name = words.expectName();
    List<Argument> arguments = List.of();
    if (words.takeOperator("(")) {
      arguments = arguments();
    } else if (argumentFollows()) {
      arguments = List.of(new Argument("", postfix(primary())));
    }
    var test = new Expression.Test(operand, name, arguments);
    return negated ? new Expression.Not(test) : test;
  }

  private boolean argumentFollows() {
    Token next = words.peek();
    return switch (next.kind()) {
      case NAME -> !Set.of("else", "or", "and", "if", "is", "in", "not").contains(next.text());
      case STRING, INTEGER, REAL -> true;
      case OPERATOR -> "[{".contains(next.text());
      case DATA, PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, END -> false;
    };
  }
}
