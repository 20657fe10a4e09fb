package io.rivulet.kernels;

/**
 * Every binary16 as a float. The scales of Q8_0 come one at a time: to convert one in the vector
 * unit, where the weights are converted too, costs a quarter of a product's speed, while a load
 * that also fills a vector is free. Scales of a model lie close together, so that few lines of the
 * table are in use.
 */
final class Float16Values {

  /** Indexed by the 16 bits, unsigned. */
  static final float[] VALUES = new float[1 << Short.SIZE];

  static {
    for (int bits = 0; bits < VALUES.length; bits++) {
      VALUES[bits] = Float.float16ToFloat((short) bits);
    }
  }

  private Float16Values() {}
}
