package io.rivulet.kernels;

/** How keys and values of past positions are stored. */
public enum KeyValueType {
  /** As computed, in float32. */
  F32,

  /** In binary16, rounded to nearest; what is beyond its range counts as its largest number. */
  F16,

  /** As weights in Q8_0: 32 numbers of a head share a scale in binary16, and take a byte each. */
  Q8_0;

  /** What is used where nobody says: nothing is lost. */
  public static final KeyValueType DEFAULT = F32;

  private static final int GROUP = 32;

  /**
   * Bytes of so many numbers of a head, of keys or values.
   *
   * @throws IllegalArgumentException if a head of this size cannot be stored so
   */
  public int bytes(int headSize) {
    return switch (this) {
      case F32 -> headSize * Float.BYTES;
      case F16 -> headSize * Short.BYTES;
      case Q8_0 -> {
        if (headSize % GROUP != 0) {
          throw new IllegalArgumentException(
              "a key-value cache in Q8_0 needs heads of a multiple of %d numbers, the model's have %d: use F16 or F32"
                  .formatted(GROUP, headSize));
        }
        yield headSize + headSize / GROUP * Short.BYTES;
      }
    };
  }
}
