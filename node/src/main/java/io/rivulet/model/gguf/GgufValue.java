package io.rivulet.model.gguf;

/** A metadata value. */
public sealed interface GgufValue permits GgufValue.Scalar, GgufArray {

  /** A value that is not an array. */
  sealed interface Scalar extends GgufValue {}

  /**
   * An integer of any width.
   *
   * @param value for a {@code uint64} of 2^63 or more, its bits: a negative number
   */
  record Int(GgufValueType type, long value) implements Scalar {
    @Override
    public String toString() {
      return type == GgufValueType.UINT64 ? Long.toUnsignedString(value) : Long.toString(value);
    }
  }

  /** A floating-point number of either width. */
  record Real(GgufValueType type, double value) implements Scalar {
    @Override
    public String toString() {
      return type == GgufValueType.FLOAT32 ? Float.toString((float) value) : Double.toString(value);
    }
  }

  /** A truth value. */
  record Bool(boolean value) implements Scalar {
    @Override
    public GgufValueType type() {
      return GgufValueType.BOOL;
    }

    @Override
    public String toString() {
      return Boolean.toString(value);
    }
  }

  /** A string; bytes that are not UTF-8 come as U+FFFD. */
  record Text(String value) implements Scalar {
    @Override
    public GgufValueType type() {
      return GgufValueType.STRING;
    }

    @Override
    public String toString() {
      return value;
    }
  }

  /** What it is stored as. */
  GgufValueType type();
}
