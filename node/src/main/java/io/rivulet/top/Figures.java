package io.rivulet.top;

import io.rivulet.protocol.SparsityFigures;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** How figures are written in little room. */
final class Figures {

  static final String NONE = "-";

  private static final double KILO = 1000;
  private static final String UNITS = "BkMGTP";
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private Figures() {}

  /** What nodes call themselves cannot steer the terminal. */
  static String shown(String text) {
    return CONTROL.matcher(text).replaceAll("\u00b7");
  }

  static String rate(double perSecond) {
    return String.format(Locale.ROOT, perSecond < KILO ? "%.1f" : "%.0f", perSecond);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  static String percent(Optional<Double> share) {
    return share.map(Figures::percent).orElse(NONE);
  }

  static String two(Optional<Double> value) {
    return value.map(number -> String.format(Locale.ROOT, "%.2f", number)).orElse(NONE);
  }

  static String duration(Duration time) {
    double millis = time.toNanos() / 1e6;
    if (millis == 0) {
      return NONE;
    }
    if (millis < KILO) {
      return String.format(Locale.ROOT, "%.0fms", millis);
    }
    double seconds = millis / KILO;
    return seconds < 100
        ? String.format(Locale.ROOT, "%.1fs", seconds)
        : String.format(Locale.ROOT, "%.0fs", seconds);
  }

  static String bytes(double bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= KILO && unit < UNITS.length() - 1) {
      value /= KILO;
      unit++;
    }
    return unit == 0
        ? String.format(Locale.ROOT, "%.0f B", value)
        : String.format(Locale.ROOT, "%.1f %cB", value, UNITS.charAt(unit));
  }

  /** Bytes read of what a dense model would read, a share; absent where that is nothing. */
  static Optional<Double> readShare(SparsityFigures figures) {
    double dense = (double) figures.bytesRead() + figures.bytesSkipped();
    return dense == 0 ? Optional.empty() : Optional.of(figures.bytesRead() / dense);
  }
}
