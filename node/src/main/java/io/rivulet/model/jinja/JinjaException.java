package io.rivulet.model.jinja;

/** A template that cannot be read or rendered. The message is one line: where, and why. */
public final class JinjaException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private static final int MAX_SHOWN = 60;

  /** Says what is wrong. */
  JinjaException(String problem) {
    super(problem);
  }

  /** Says where it is wrong: lines count from 1. */
  JinjaException(int line, String problem) {
    super("line " + line + ": " + problem);
  }

  /** A text of the template as a message can show it: quoted, on one line, not too long. */
  static String quote(String text) {
    String cut = text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    return "'" + cut.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?") + "'";
  }
}
