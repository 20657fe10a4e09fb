package io.rivulet.model.chat;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Dates by C's {@code strftime}, in English. */
final class Strftime {

  private Strftime() {}

  /** A letter that is not known stays as it is. */
  static String format(String format, ZonedDateTime time) {
    var out = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        out.append(c);
        continue;
      }
      boolean unpadded = format.charAt(i + 1) == '-' && i + 2 < format.length();
      i += unpadded ? 2 : 1;
      String field = field(format.charAt(i), time);
      out.append(unpadded ? field.replaceFirst("^[0 ](?=.)", "") : field);
    }
    return out.toString();
  }

  private static String field(char letter, ZonedDateTime time) {
    return switch (letter) {
      case 'Y' -> by("yyyy", time);
      case 'y' -> by("yy", time);
      case 'm' -> by("MM", time);
      case 'd' -> by("dd", time);
      case 'e' -> "%2d".formatted(time.getDayOfMonth());
      case 'j' -> by("DDD", time);
      case 'B' -> by("MMMM", time);
      case 'b', 'h' -> by("MMM", time);
      case 'A' -> by("EEEE", time);
      case 'a' -> by("EEE", time);
      case 'H' -> by("HH", time);
      case 'I' -> by("hh", time);
      case 'M' -> by("mm", time);
      case 'S' -> by("ss", time);
      case 'p' -> by("a", time);
      case 'z' -> by("xx", time);
      case 'Z' -> by("zzz", time);
      case 'F' -> by("yyyy-MM-dd", time);
      case 'T' -> by("HH:mm:ss", time);
      case 'D' -> by("MM/dd/yy", time);
      case 'n' -> "\n";
      case 't' -> "\t";
      case '%' -> "%";
      default -> "%" + letter;
    };
  }

  private static String by(String pattern, ZonedDateTime time) {
    return DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
  }
}
