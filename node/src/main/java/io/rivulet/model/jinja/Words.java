package io.rivulet.model.jinja;

import io.rivulet.model.jinja.Token.Kind;
import java.util.List;

/** Goes forward through a template's tokens, and counts how deep the parser is in it. */
final class Words {

  private static final int MAX_DEPTH = 100;

  private final List<Token> tokens;
  private int position;
  private int depth;

  Words(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(position);
  }

  Token next() {
    Token token = peek();
    if (!token.is(Kind.END)) {
      position++;
    }
    return token;
  }

  boolean at(Kind kind, String text) {
    return peek().is(kind, text);
  }

  boolean atOperator(String text) {
    return at(Kind.OPERATOR, text);
  }

  boolean atName(String text) {
    return at(Kind.NAME, text);
  }

  /** Whether the two next are these names. */
  boolean atNames(String first, String second) {
    return atName(first) && tokens.get(position + 1).is(Kind.NAME, second);
  }

  /** Whether a name and this operator come next. */
  boolean atNameThen(String operator) {
    return peek().is(Kind.NAME) && tokens.get(position + 1).is(Kind.OPERATOR, operator);
  }

  /** Takes the operator if it comes next. */
  boolean takeOperator(String text) {
    return take(atOperator(text));
  }

  /** Takes the name if it comes next. */
  boolean takeName(String text) {
    return take(atName(text));
  }

  private boolean take(boolean there) {
    if (there) {
      position++;
    }
    return there;
  }

  void expectOperator(String text) {
    if (!takeOperator(text)) {
      throw unexpected("'" + text + "'");
    }
  }

  Token expect(Kind kind, String expected) {
    if (!peek().is(kind)) {
      throw unexpected(expected);
    }
    return next();
  }

  String expectName() {
    return expect(Kind.NAME, "a name").text();
  }

  void expectBlockEnd() {
    expect(Kind.BLOCK_END, "'%}'");
  }

  void enter() {
    if (++depth > MAX_DEPTH) {
      throw new JinjaException(peek().line(), "nests deeper than " + MAX_DEPTH);
    }
  }

  void leave() {
    depth--;
  }

  JinjaException unexpected(String expected) {
    return new JinjaException(
        peek().line(), "unexpected %s, expected %s".formatted(peek().shown(), expected));
  }
}
