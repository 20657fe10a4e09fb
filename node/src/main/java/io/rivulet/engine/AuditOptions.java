package io.rivulet.engine;

/**
 * How often answers are audited that leave neurons out, and when a layer is not trusted with it any
 * more (see {@link LayerTrust}). What is generated depends on it, so nodes that share their work
 * have the same.
 *
 * @param interval tokens of an answer in which each layer is audited once; 0: never
 * @param recallMargin how far recall may go under what the calibration found, over 0 and up to 1
 * @param cettMargin how far CETT may go over what the thresholds were chosen for, over 0
 */
public record AuditOptions(int interval, double recallMargin, double cettMargin) {

  /** Each layer once in 64 tokens, with margins that a text like any other seldom exceeds. */
  public static final AuditOptions DEFAULT = new AuditOptions(64, 0.08, 0.15);

  /** No audits. */
  public static final AuditOptions OFF = DEFAULT.withInterval(0);

  private static final int MOST_TOKENS = 1 << 20;

  public AuditOptions {
    if (interval < 0 || interval > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "the audit interval must be from 0 to %d, was %d".formatted(MOST_TOKENS, interval));
    }
    if (!(recallMargin > 0 && recallMargin <= 1)) {
      throw new IllegalArgumentException(
          "the recall margin must be over 0 and up to 1, was " + recallMargin);
    }
    if (!(cettMargin > 0)) {
      throw new IllegalArgumentException("the CETT margin must be over 0, was " + cettMargin);
    }
  }

  /** The same with another interval. */
  public AuditOptions withInterval(int tokens) {
    return new AuditOptions(tokens, recallMargin, cettMargin);
  }
}
