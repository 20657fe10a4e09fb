package io.rivulet.protocol;

/** What the constructors of messages hold their fields to. */
final class FieldCheck {

  private FieldCheck() {}

  static void require(boolean holds, String field, Object value, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(field + " must be " + allowed + ", was " + value);
    }
  }
}
