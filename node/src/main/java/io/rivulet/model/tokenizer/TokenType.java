package io.rivulet.model.tokenizer;

import java.util.Locale;

/** What a token is for, in the order of the numbers in a GGUF file. */
enum TokenType {
  UNDEFINED,
  NORMAL,
  UNKNOWN,
  /** Never comes from text that is not a template's, and has none. */
  CONTROL,
  /** Text that is always this one token. */
  USER_DEFINED,
  UNUSED,
  /** One byte, written {@code <0x0A>}. */
  BYTE;

  private static final TokenType[] VALUES = values();

  static final int COUNT = VALUES.length;

  static TokenType ofNumber(int number) {
    return VALUES[number];
  }

  /** The number in a GGUF file. */
  int number() {
    return ordinal();
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
