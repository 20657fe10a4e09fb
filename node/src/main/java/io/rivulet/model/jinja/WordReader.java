package io.rivulet.model.jinja;

import io.rivulet.model.jinja.Token.Kind;
import java.util.List;

/** Reads the words within a tag: names, numbers, strings, operators. */
final class WordReader {

  private static final List<String> OPERATORS =
      List.of(
          "**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ",",
          ":", ";", "|", "(", ")", "[", "]", "{", "}");

  private final String source;
  private int position;

  WordReader(String source, int position) {
    this.source = source;
    this.position = position;
  }

  int position() {
    return position;
  }

  int skipSpace() {
    while (position < source.length() && Lexer.isSpace(source.charAt(position))) {
      position++;
    }
    return position;
  }

  /** The word that begins here; there is one. */
  Token next(int line) {
    char first = source.charAt(position);
    if (Character.isJavaIdentifierStart(first) && first != '$') {
      return name(line);
    }
    if (first >= '0' && first <= '9') {
      return number(line);
    }
    if (first == '\'' || first == '"') {
      return string(line);
    }
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, position)) {
        position += operator.length();
        return new Token(Kind.OPERATOR, operator, line);
      }
    }
    throw new JinjaException(line, "unexpected " + JinjaException.quote(String.valueOf(first)));
  }

  private Token name(int line) {
    int start = position;
    while (position < source.length() && isNamePart(source.charAt(position))) {
      position++;
    }
    return new Token(Kind.NAME, source.substring(start, position), line);
  }

  private static boolean isNamePart(char c) {
    return Character.isJavaIdentifierPart(c) && c != '$' && !Character.isIdentifierIgnorable(c);
  }

  private Token number(int line) {
    int start = position;
    skipDigits();
    boolean real = false;
    if (source.startsWith(".", position) && isDigit(position + 1)) {
      position++;
      skipDigits();
      real = true;
    }
    if (position < source.length() && "eE".indexOf(source.charAt(position)) >= 0) {
      int digits = position + 1;
      if (digits < source.length() && "+-".indexOf(source.charAt(digits)) >= 0) {
        digits++;
      }
      if (isDigit(digits)) {
        position = digits;
        skipDigits();
        real = true;
      }
    }
    String text = source.substring(start, position).replace("_", "");
    return new Token(real ? Kind.REAL : Kind.INTEGER, text, line);
  }

  private void skipDigits() {
    while (isDigit(position) || (source.startsWith("_", position) && isDigit(position + 1))) {
      position++;
    }
  }

  private boolean isDigit(int at) {
    return at < source.length() && source.charAt(at) >= '0' && source.charAt(at) <= '9';
  }

  private Token string(int line) {
    char quote = source.charAt(position++);
    var text = new StringBuilder();
    while (position < source.length()) {
      char c = source.charAt(position++);
      if (c == quote) {
        return new Token(Kind.STRING, text.toString(), line);
      }
      if (c == '\\' && position < source.length()) {
        escape(text, line);
      } else {
        text.append(c);
      }
    }
    throw new JinjaException(line, "the string does not end");
  }

  private void escape(StringBuilder text, int line) {
    char c = source.charAt(position++);
    switch (c) {
      case 'n' -> text.append('\n');
      case 't' -> text.append('\t');
      case 'r' -> text.append('\r');
      case 'b' -> text.append('\b');
      case 'f' -> text.append('\f');
      case 'v' -> text.append('\u000b');
      case 'a' -> text.append('\u0007');
      case '0', '1', '2', '3', '4', '5', '6', '7' -> text.append(octal(c));
      case '\\', '\'', '"' -> text.append(c);
      case '\n' -> {}
      case 'x' -> text.appendCodePoint(hexadecimal(2, line));
      case 'u' -> text.append((char) hexadecimal(4, line));
      case 'U' -> text.appendCodePoint(hexadecimal(8, line));
      default -> text.append('\\').append(c);
    }
  }

  /** Up to three digits, the first already taken. */
  private char octal(char first) {
    int code = Character.digit(first, 8);
    for (int i = 0; i < 2 && position < source.length(); i++) {
      int digit = Character.digit(source.charAt(position), 8);
      if (digit < 0) {
        break;
      }
      code = code * 8 + digit;
      position++;
    }
    return (char) code;
  }

  private int hexadecimal(int digits, int line) {
    int end = Math.min(position + digits, source.length());
    String number = source.substring(position, end);
    if (number.length() < digits || !number.chars().allMatch(c -> Character.digit(c, 16) >= 0)) {
      throw new JinjaException(line, "the string has an escape with too few digits");
    }
    long code = Long.parseLong(number, 16);
    if (code > Character.MAX_CODE_POINT) {
      throw new JinjaException(line, "the string has an escape beyond Unicode");
    }
    position = end;
    return (int) code;
  }
}
