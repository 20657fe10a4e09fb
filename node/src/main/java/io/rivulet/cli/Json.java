package io.rivulet.cli;

import tools.jackson.databind.json.JsonMapper;

/** The one object that {@code --json} prints. */
final class Json {

  private static final JsonMapper MAPPER = new JsonMapper();

  private Json() {}

  /** Prints a record or a map as one line on standard output. */
  static void print(Object object) {
    System.out.println(MAPPER.writeValueAsString(object));
  }
}
