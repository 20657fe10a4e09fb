package io.rivulet.model.jinja;

/**
 * A word of a template.
 *
 * @param text of a name, number or operator as it stands there; of a string, what it means; of
 *     data, what is printed
 * @param line where it begins, from 1
 */
record Token(Kind kind, String text, int line) {

  /** What a token is. */
  enum Kind {
    DATA,
    PRINT_BEGIN,
    PRINT_END,
    BLOCK_BEGIN,
    BLOCK_END,
    NAME,
    STRING,
    INTEGER,
    REAL,
    OPERATOR,
    END
  }

  boolean is(Kind wanted) {
    return kind == wanted;
  }

  boolean is(Kind wanted, String words) {
    return kind == wanted && text.equals(words);
  }

  /** As a message can show it. */
  String shown() {
    return switch (kind) {
      case END -> "the end of the template";
      case DATA -> "text";
      case PRINT_BEGIN, PRINT_END, BLOCK_BEGIN, BLOCK_END, NAME, STRING, INTEGER, REAL, OPERATOR ->
          JinjaException.quote(text);
    };
  }
}
