package io.rivulet.engine;

/**
 * Bytes of FFN weights, added up over tokens, each as if it were computed alone.
 *
 * @param read of the rows that tokens needed: of the gate for the neurons that are computed, of up
 *     for those that the gate lets through where it comes first, of down for those that are read
 * @param skipped of the other rows
 */
public record WeightBytes(long read, long skipped) {

  /** None. */
  public static final WeightBytes NONE = new WeightBytes(0, 0);

  /** Both together. */
  public WeightBytes plus(WeightBytes other) {
    return new WeightBytes(read + other.read, skipped + other.skipped);
  }

  /** What came after an earlier reading. */
  public WeightBytes minus(WeightBytes earlier) {
    return new WeightBytes(read - earlier.read, skipped - earlier.skipped);
  }
}
