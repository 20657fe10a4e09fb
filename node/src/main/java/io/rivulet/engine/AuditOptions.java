package io.rivulet.engine;

/**
 * How often answers are audited that leave neurons out, and when a layer is not trusted with it any
 * more. What is generated depends on it, so nodes that share their work have the same.
 *
 * @param interval tokens of an answer in which each layer is audited once; 0: never
 * @param recallFloor the recall of its predictor under which a layer falls back to computing
 *     exactly, from 0 to less than 1
 * @param cettFactor how many times the CETT of the profile's operating point an answer's may come
 *     to before the layer falls back, more than 0
 */
public record AuditOptions(int interval, double recallFloor, double cettFactor) {

  /** Each layer once in 64 tokens; at least 90 % of the active neurons named. */
  public static final AuditOptions DEFAULT = new AuditOptions(64, 0.9, 3);

  /** No audits. */
  public static final AuditOptions OFF = DEFAULT.withInterval(0);

  private static final int MOST_TOKENS = 1 << 20;

  /** An error that is never minded, also where the operating point has none or next to none. */
  private static final double LEAST_CEILING = 0.1;

  public AuditOptions {
    if (interval < 0 || interval > MOST_TOKENS) {
      throw new IllegalArgumentException(
          "the audit interval must be from 0 to %d, was %d".formatted(MOST_TOKENS, interval));
    }
    if (!(recallFloor >= 0 && recallFloor < 1)) {
      throw new IllegalArgumentException(
          "the recall floor must be from 0 to less than 1, was " + recallFloor);
    }
    if (!(cettFactor > 0)) {
      throw new IllegalArgumentException("the CETT factor must be more than 0, was " + cettFactor);
    }
  }

  /** The same with another interval. */
  public AuditOptions withInterval(int tokens) {
    return new AuditOptions(tokens, recallFloor, cettFactor);
  }

  /** The CETT over which a layer falls back. */
  double cettCeiling(double cettOfPoint) {
    return Math.max(LEAST_CEILING, cettFactor * cettOfPoint);
  }
}
