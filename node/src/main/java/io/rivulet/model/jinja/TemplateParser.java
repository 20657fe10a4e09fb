package io.rivulet.model.jinja;

import io.rivulet.model.jinja.Expression.Argument;
import io.rivulet.model.jinja.Statement.Branch;
import io.rivulet.model.jinja.Statement.FilterCall;
import io.rivulet.model.jinja.Statement.Parameter;
import io.rivulet.model.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads statements. */
final class TemplateParser {

  private final Words words;
  private final ExpressionParser expressions;

  private TemplateParser(Words words) {
    this.words = words;
    this.expressions = new ExpressionParser(words);
  }

  static List<Statement> parse(String template) {
    var parser = new TemplateParser(new Words(Lexer.read(template)));
    List<Statement> body = parser.bodyUntil(Set.of());
    if (!parser.words.peek().is(Kind.END)) {
      throw parser.words.unexpected("the end of the template");
    }
    return body;
  }

  /** Up to one of these tags, whose beginning is taken and whose name comes next. */
  private List<Statement> bodyUntil(Set<String> ends) {
    words.enter();
    var body = new ArrayList<Statement>();
    while (!words.peek().is(Kind.END)) {
      Token token = words.next();
      switch (token.kind()) {
        case DATA -> body.add(new Statement.Data(token.line(), token.text()));
        case PRINT_BEGIN -> {
          body.add(new Statement.Print(token.line(), expressions.parseTuple()));
          words.expect(Kind.PRINT_END, "'}}'");
        }
        case BLOCK_BEGIN -> {
          if (ends.contains(words.peek().text())) {
            words.leave();
            return body;
          }
          body.add(block(token.line()));
        }
        case PRINT_END, BLOCK_END, NAME, STRING, INTEGER, REAL, OPERATOR, END ->
            throw new IllegalStateException("a word outside of a tag");
      }
    }
    if (!ends.isEmpty()) {
      throw words.unexpected("'{% " + ends.stream().sorted().findFirst().orElseThrow() + " %}'");
    }
    words.leave();
    return body;
  }

  /** A block's body to the one tag that ends it, which is taken too. */
  private List<Statement> bodyTo(String end) {
    words.expectBlockEnd();
    List<Statement> body = bodyUntil(Set.of(end));
    words.next();
    words.expectBlockEnd();
    return body;
  }

  private Statement block(int line) {
    String tag = words.expectName();
    return switch (tag) {
      case "if" -> ifBlock(line);
      case "for" -> forBlock(line);
      case "set" -> set(line);
      case "macro" -> macro(line);
      case "call" -> callBlock(line);
      case "filter" -> new Statement.FilterBlock(line, filters(true), bodyTo("endfilter"));
      case "with" -> with(line);
      // Marks what the model is to have written, for training's sake: prints as it is.
      case "generation" -> new Statement.With(line, List.of(), bodyTo("endgeneration"));
      case "break" -> ended(new Statement.Break(line));
      case "continue" -> ended(new Statement.Continue(line));
      default ->
          throw new JinjaException(
              line, "tag " + JinjaException.quote(tag) + " is not known to chat templates");
    };
  }

  private Statement ended(Statement statement) {
    words.expectBlockEnd();
    return statement;
  }

  private Statement ifBlock(int line) {
    var branches = new ArrayList<Branch>();
    List<Statement> otherwise = List.of();
    String tag = "elif";
    while (tag.equals("elif")) {
      Expression condition = expressions.parseTuple();
      words.expectBlockEnd();
      branches.add(new Branch(condition, bodyUntil(Set.of("elif", "else", "endif"))));
      tag = words.expectName();
    }
    if (tag.equals("else")) {
      words.expectBlockEnd();
      otherwise = bodyUntil(Set.of("endif"));
      words.next();
    }
    words.expectBlockEnd();
    return new Statement.If(line, branches, otherwise);
  }

  private Statement forBlock(int line) {
    List<String> names = names();
    if (!words.takeName("in")) {
      throw words.unexpected("'in'");
    }
    Expression items = expressions.or();
    Optional<Expression> condition =
        words.takeName("if") ? Optional.of(expressions.parse()) : Optional.empty();
    words.expectBlockEnd();
    List<Statement> body = bodyUntil(Set.of("else", "endfor"));
    List<Statement> otherwise = List.of();
    if (words.expectName().equals("else")) {
      words.expectBlockEnd();
      otherwise = bodyUntil(Set.of("endfor"));
      words.next();
    }
    words.expectBlockEnd();
    return new Statement.For(line, names, items, condition, body, otherwise);
  }

  private Statement set(int line) {
    if (words.atNameThen(".")) {
      String namespace = words.expectName();
      words.expectOperator(".");
      String name = words.expectName();
      words.expectOperator("=");
      return ended(new Statement.SetAttribute(line, namespace, name, expressions.parseTuple()));
    }
    List<String> names = names();
    if (words.takeOperator("=")) {
      return ended(new Statement.Set(line, names, expressions.parseTuple()));
    }
    if (names.size() > 1) {
      throw words.unexpected("'='");
    }
    return new Statement.SetBlock(line, names.getFirst(), filters(false), bodyTo("endset"));
  }

  private Statement macro(int line) {
    String name = words.expectName();
    words.expectOperator("(");
    return new Statement.Macro(line, name, parameters(), bodyTo("endmacro"));
  }

  private Statement callBlock(int line) {
    List<Parameter> parameters = words.takeOperator("(") ? parameters() : List.of();
    if (expressions.parse() instanceof Expression.Call call) {
      return new Statement.CallBlock(line, parameters, call, bodyTo("endcall"));
    }
    throw new JinjaException(line, "tag 'call' calls nothing");
  }

  private Statement with(int line) {
    var variables = new ArrayList<Argument>();
    while (!words.peek().is(Kind.BLOCK_END)) {
      String name = words.expectName();
      words.expectOperator("=");
      variables.add(new Argument(name, expressions.parse()));
      if (!words.peek().is(Kind.BLOCK_END)) {
        words.expectOperator(",");
      }
    }
    return new Statement.With(line, variables, bodyTo("endwith"));
  }

  private List<String> names() {
    boolean parenthesised = words.takeOperator("(");
    var names = new ArrayList<String>(List.of(words.expectName()));
    while (words.takeOperator(",")) {
      names.add(words.expectName());
    }
    if (parenthesised) {
      words.expectOperator(")");
    }
    return names;
  }

  private List<Parameter> parameters() {
    var parameters = new ArrayList<Parameter>();
    while (!words.takeOperator(")")) {
      String name = words.expectName();
      Optional<Expression> usual =
          words.takeOperator("=") ? Optional.of(expressions.parse()) : Optional.empty();
      parameters.add(new Parameter(name, usual));
      if (!words.atOperator(")")) {
        words.expectOperator(",");
      }
    }
    return parameters;
  }

  private List<FilterCall> filters(boolean firstWithoutBar) {
    var filters = new ArrayList<FilterCall>();
    if (firstWithoutBar) {
      filters.add(expressions.filter());
    }
    while (words.takeOperator("|")) {
      filters.add(expressions.filter());
    }
    return filters;
  }
}
