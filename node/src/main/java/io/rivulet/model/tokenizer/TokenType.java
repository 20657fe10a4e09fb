package io.rivulet.model.tokenizer;

import java.util.Locale;

/** What a token is for, in the order of the numbers in a GGUF file. */
enum TokenType {
  UNDEFINED(0),
  NORMAL(1),
  UNKNOWN(2),
  /** Never comes from text that is not a template's, and has none. */
  CONTROL(3),
  /** Text that is always this one token. */
  USER_DEFINED(4),
  UNUSED(5),
  /** One byte, written {@code <0x0A>}. */
  BYTE(6);

  private static final TokenType[] VALUES = values();

  static final int COUNT = VALUES.length;

  private final int number;

  TokenType(int number) {
    this.number = number;
  }

  static TokenType ofNumber(int number) {
    return VALUES[number];
  }

  /** The number in a GGUF file. */
  int number() {
    return number;
  }

  /** As messages name it: {@code user-defined}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether pieces of text are merged into tokens of this type. */
  boolean merges() {
    return switch (this) {
      case UNDEFINED, NORMAL, USER_DEFINED, UNUSED -> true;
      case UNKNOWN, CONTROL, BYTE -> false;
    };
  }
}
