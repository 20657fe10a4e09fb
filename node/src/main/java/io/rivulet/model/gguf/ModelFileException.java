package io.rivulet.model.gguf;

import java.nio.file.Path;

/**
 * A model file that cannot be used. The message is one line: the file, what is wrong and where, and
 * what to do about it.
 */
public final class ModelFileException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private static final int MAX_QUOTED = 80;

  /**
   * Says what is wrong with a file.
   *
   * @param problem names the field and the reason, "key general.alignment is 3, not a power of two"
   * @param mend what to do, "download the file again"
   */
  public ModelFileException(Path file, String problem, String mend) {
    this(file, problem, mend, null);
  }

  /** As the other, with what caused it. */
  public ModelFileException(Path file, String problem, String mend, Throwable cause) {
    super(oneLine(file + ": " + problem + "; " + mend), cause);
  }

  /** A string out of a file as a message can show it: quoted, on one line, not too long. */
  public static String quote(String text) {
    String shown = text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
    return "'" + oneLine(shown) + "'";
  }

  /** The text with control characters and line ends shown as question marks. */
  static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "?");
  }
}
