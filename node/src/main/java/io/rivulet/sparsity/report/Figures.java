package io.rivulet.sparsity.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as the report writes them; what is not a number is a dash. */
final class Figures {

  private static final double PERCENT = 100;
  private static final double MILLION = 1e6;
  private static final double SMALLEST_PLAIN = 1e-6;
  private static final MathContext FOUR_DIGITS = new MathContext(4);

  private Figures() {}

  static String percent(double share) {
    return Double.isNaN(share) ? "–" : String.format(Locale.ROOT, "%.1f %%", PERCENT * share);
  }

  static String decimal(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.3f", value);
  }

  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Four digits that count, and no zeros after them. */
  static String significant(double value) {
    BigDecimal rounded = new BigDecimal(value).round(FOUR_DIGITS).stripTrailingZeros();
    return Math.abs(value) < SMALLEST_PLAIN && value != 0
        ? rounded.toString()
        : rounded.toPlainString();
  }

  static String megabytes(double bytes) {
    return String.format(Locale.ROOT, "%.2f MB", bytes / MILLION);
  }
}
