package io.rivulet.engine;

import java.util.OptionalDouble;

/**
 * What audits found, added up. The difference of two readings is a window.
 *
 * @param audits how many
 * @param cett the sum of their CETT, see {@link #meanCett()}
 * @param active neurons that were over their thresholds, in audits of what was predicted
 * @param named neurons that predictors named there
 * @param found active ones among those
 */
public record AuditTotals(long audits, double cett, long active, long named, long found) {

  /** No audit. */
  public static final AuditTotals NONE = new AuditTotals(0, 0, 0, 0, 0);

  /** Both together. */
  public AuditTotals plus(AuditTotals other) {
    return new AuditTotals(
        audits + other.audits,
        cett + other.cett,
        active + other.active,
        named + other.named,
        found + other.found);
  }

  /** What came after an earlier reading. */
  public AuditTotals minus(AuditTotals earlier) {
    return new AuditTotals(
        audits - earlier.audits,
        cett - earlier.cett,
        active - earlier.active,
        named - earlier.named,
        found - earlier.found);
  }

  /** The share of the active neurons that were named; absent where none was active. */
  public OptionalDouble recall() {
    return share((double) found, active);
  }

  /** The share of the named neurons that were active; absent where none was named. */
  public OptionalDouble precision() {
    return share((double) found, named);
  }

  /**
   * The mean share of an FFN's result that is left out (arXiv:2402.03804, section 3); absent where
   * nothing was audited.
   */
  public OptionalDouble meanCett() {
    return share(cett, audits);
  }

  private static OptionalDouble share(double part, long all) {
    return all == 0 ? OptionalDouble.empty() : OptionalDouble.of(part / all);
  }
}
