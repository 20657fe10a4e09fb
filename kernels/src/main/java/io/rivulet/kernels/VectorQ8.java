package io.rivulet.kernels;

import static io.rivulet.kernels.Float16Values.VALUES;
import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.BYTES;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2F;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/**
 * Q8_0 weights by vectors. Scale times byte is exact in a float. The upper half of a block is
 * loaded so that its bytes end the vector: with 128 bits a byte vector holds more bytes than are
 * wanted, and must not reach past the matrix.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates. And
 * no method does two things: one that is too large for C1 is never handed on to C2.
 */
final class VectorQ8 {

  private static final int BLOCK = WeightType.Q8_0.blockSize();
  private static final int BLOCK_BYTES = WeightType.Q8_0.bytesPerBlock();

  /** Where the first 16 bytes of a block are, after its scale. */
  private static final int LOW = Short.BYTES;

  /** Where to load from for the last 16 bytes, and which part of the vector they then are. */
  private static final int HIGH = LOW + Lanes.COUNT - (BYTES.length() - LENGTH);

  private static final int HIGH_PART = BYTES.length() / LENGTH - 1;

  /** Bytes from an activation to that for the same lane of the upper half. */
  private static final int X_HIGH = Lanes.COUNT * Float.BYTES;

  private VectorQ8() {}

  /** {@code out[token][r] = w[r] . x[token]} for four rows. */
  static void multiplyFour(
      Matrix w,
      FloatTensor x,
      int token,
      FloatTensor out,
      int r0,
      int r1,
      int r2,
      int r3,
      float[] sums) {
    MemorySegment data = w.data();
    MemorySegment xs = x.data();
    long xAt = x.offset(token, 0);
    int cols = w.cols();
    long w0 = r0 * w.rowBytes();
    long w1 = r1 * w.rowBytes();
    long w2 = r2 * w.rowBytes();
    long w3 = r3 * w.rowBytes();
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = FloatVector.zero(FLOATS);
      FloatVector s2 = FloatVector.zero(FLOATS);
      FloatVector s3 = FloatVector.zero(FLOATS);
      for (int b = 0; b < cols / BLOCK; b++) {
        long at = (long) b * BLOCK_BYTES;
        long low = at + LOW + lane;
        long high = at + HIGH + lane;
        long xLow = xAt + 4L * (b * BLOCK + lane);
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, xs, xLow, LITTLE_ENDIAN);
        FloatVector u = FloatVector.fromMemorySegment(FLOATS, xs, xLow + X_HIGH, LITTLE_ENDIAN);
        FloatVector d0 = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w0 + at) & 0xffff]);
        s0 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, w0 + low, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d0)
                .fma(v, s0);
        s0 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, w0 + high, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, HIGH_PART))
                .mul(d0)
                .fma(u, s0);
        FloatVector d1 = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w1 + at) & 0xffff]);
        s1 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, w1 + low, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d1)
                .fma(v, s1);
        s1 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, w1 + high, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, HIGH_PART))
                .mul(d1)
                .fma(u, s1);
        FloatVector d2 = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w2 + at) & 0xffff]);
        s2 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, w2 + low, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d2)
                .fma(v, s2);
        s2 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, w2 + high, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, HIGH_PART))
                .mul(d2)
                .fma(u, s2);
        FloatVector d3 = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w3 + at) & 0xffff]);
        s3 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, w3 + low, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d3)
                .fma(v, s3);
        s3 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, w3 + high, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, HIGH_PART))
                .mul(d3)
                .fma(u, s3);
      }
      s0.intoArray(sums, lane);
      s1.intoArray(sums, 16 + lane);
      s2.intoArray(sums, 32 + lane);
      s3.intoArray(sums, 48 + lane);
    }
    out.data().set(FLOAT, out.offset(token, r0), Lanes.sum(sums, 0));
    out.data().set(FLOAT, out.offset(token, r1), Lanes.sum(sums, 16));
    out.data().set(FLOAT, out.offset(token, r2), Lanes.sum(sums, 32));
    out.data().set(FLOAT, out.offset(token, r3), Lanes.sum(sums, 48));
  }
}
