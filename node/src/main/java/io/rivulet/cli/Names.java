package io.rivulet.cli;

import java.util.Locale;

/** How values are spelled on the wire and in JSON. */
final class Names {

  private Names() {}

  /** {@code LENGTH} is written {@code length}. */
  static String of(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
