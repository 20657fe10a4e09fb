package io.rivulet.kernels;

import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.SHORTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Packed Q8_0 weights times the codes of a few tokens, for vectors of all lanes: for so few it does
 * not pay to store what codes are as floats, so they are taken from a row's bytes into registers.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates.
 */
final class VectorPackedFew {

  private VectorPackedFew() {}

  /**
   * The sums of products of codes of a group, for six rows whose codes begin at w0 to w5, and two
   * tokens whose values begin at x0 and x1: by token, row and lane.
   */
  static void addTwo(
      MemorySegment w,
      long w0,
      long w1,
      long w2,
      long w3,
      long w4,
      long w5,
      MemorySegment xs,
      long x0,
      long x1,
      int pairs,
      float[] tile) {
    FloatVector a00 = FloatVector.zero(FLOATS);
    FloatVector a10 = FloatVector.zero(FLOATS);
    FloatVector a20 = FloatVector.zero(FLOATS);
    FloatVector a30 = FloatVector.zero(FLOATS);
    FloatVector a40 = FloatVector.zero(FLOATS);
    FloatVector a50 = FloatVector.zero(FLOATS);
    FloatVector a01 = FloatVector.zero(FLOATS);
    FloatVector a11 = FloatVector.zero(FLOATS);
    FloatVector a21 = FloatVector.zero(FLOATS);
    FloatVector a31 = FloatVector.zero(FLOATS);
    FloatVector a41 = FloatVector.zero(FLOATS);
    FloatVector a51 = FloatVector.zero(FLOATS);
    for (int p = 0; p < pairs; p++) {
      IntVector b0 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w0 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l0 =
          (FloatVector) b0.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      IntVector b1 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w1 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l1 =
          (FloatVector) b1.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      IntVector b2 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w2 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l2 =
          (FloatVector) b2.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      IntVector b3 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w3 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l3 =
          (FloatVector) b3.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      IntVector b4 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w4 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l4 =
          (FloatVector) b4.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      IntVector b5 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w5 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l5 =
          (FloatVector) b5.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      FloatVector u0 = FloatVector.fromMemorySegment(FLOATS, xs, x0 + 128L * p, LITTLE_ENDIAN);
      a00 = l0.fma(u0, a00);
      a10 = l1.fma(u0, a10);
      a20 = l2.fma(u0, a20);
      a30 = l3.fma(u0, a30);
      a40 = l4.fma(u0, a40);
      a50 = l5.fma(u0, a50);
      FloatVector u1 = FloatVector.fromMemorySegment(FLOATS, xs, x1 + 128L * p, LITTLE_ENDIAN);
      a01 = l0.fma(u1, a01);
      a11 = l1.fma(u1, a11);
      a21 = l2.fma(u1, a21);
      a31 = l3.fma(u1, a31);
      a41 = l4.fma(u1, a41);
      a51 = l5.fma(u1, a51);
      FloatVector h0 = (FloatVector) b0.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector h1 = (FloatVector) b1.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector h2 = (FloatVector) b2.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector h3 = (FloatVector) b3.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector h4 = (FloatVector) b4.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector h5 = (FloatVector) b5.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, xs, x0 + 128L * p + 64, LITTLE_ENDIAN);
      a00 = h0.fma(v0, a00);
      a10 = h1.fma(v0, a10);
      a20 = h2.fma(v0, a20);
      a30 = h3.fma(v0, a30);
      a40 = h4.fma(v0, a40);
      a50 = h5.fma(v0, a50);
      FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, xs, x1 + 128L * p + 64, LITTLE_ENDIAN);
      a01 = h0.fma(v1, a01);
      a11 = h1.fma(v1, a11);
      a21 = h2.fma(v1, a21);
      a31 = h3.fma(v1, a31);
      a41 = h4.fma(v1, a41);
      a51 = h5.fma(v1, a51);
    }
    a00.intoArray(tile, 0);
    a10.intoArray(tile, 16);
    a20.intoArray(tile, 32);
    a30.intoArray(tile, 48);
    a40.intoArray(tile, 64);
    a50.intoArray(tile, 80);
    a01.intoArray(tile, 96);
    a11.intoArray(tile, 112);
    a21.intoArray(tile, 128);
    a31.intoArray(tile, 144);
    a41.intoArray(tile, 160);
    a51.intoArray(tile, 176);
  }

  /** The same for four tokens. */
  static void addFour(
      MemorySegment w,
      long w0,
      long w1,
      long w2,
      long w3,
      long w4,
      long w5,
      MemorySegment xs,
      long x0,
      long x1,
      long x2,
      long x3,
      int pairs,
      float[] tile) {
    FloatVector a00 = FloatVector.zero(FLOATS);
    FloatVector a10 = FloatVector.zero(FLOATS);
    FloatVector a20 = FloatVector.zero(FLOATS);
    FloatVector a30 = FloatVector.zero(FLOATS);
    FloatVector a40 = FloatVector.zero(FLOATS);
    FloatVector a50 = FloatVector.zero(FLOATS);
    FloatVector a01 = FloatVector.zero(FLOATS);
    FloatVector a11 = FloatVector.zero(FLOATS);
    FloatVector a21 = FloatVector.zero(FLOATS);
    FloatVector a31 = FloatVector.zero(FLOATS);
    FloatVector a41 = FloatVector.zero(FLOATS);
    FloatVector a51 = FloatVector.zero(FLOATS);
    FloatVector a02 = FloatVector.zero(FLOATS);
    FloatVector a12 = FloatVector.zero(FLOATS);
    FloatVector a22 = FloatVector.zero(FLOATS);
    FloatVector a32 = FloatVector.zero(FLOATS);
    FloatVector a42 = FloatVector.zero(FLOATS);
    FloatVector a52 = FloatVector.zero(FLOATS);
    FloatVector a03 = FloatVector.zero(FLOATS);
    FloatVector a13 = FloatVector.zero(FLOATS);
    FloatVector a23 = FloatVector.zero(FLOATS);
    FloatVector a33 = FloatVector.zero(FLOATS);
    FloatVector a43 = FloatVector.zero(FLOATS);
    FloatVector a53 = FloatVector.zero(FLOATS);
    for (int p = 0; p < pairs; p++) {
      IntVector b0 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w0 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l0 =
          (FloatVector) b0.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      IntVector b1 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w1 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l1 =
          (FloatVector) b1.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      IntVector b2 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w2 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l2 =
          (FloatVector) b2.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      IntVector b3 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w3 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l3 =
          (FloatVector) b3.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      IntVector b4 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w4 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l4 =
          (FloatVector) b4.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      IntVector b5 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, w, w5 + 32L * p, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      FloatVector l5 =
          (FloatVector) b5.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0);
      FloatVector u0 = FloatVector.fromMemorySegment(FLOATS, xs, x0 + 128L * p, LITTLE_ENDIAN);
      a00 = l0.fma(u0, a00);
      a10 = l1.fma(u0, a10);
      a20 = l2.fma(u0, a20);
      a30 = l3.fma(u0, a30);
      a40 = l4.fma(u0, a40);
      a50 = l5.fma(u0, a50);
      FloatVector u1 = FloatVector.fromMemorySegment(FLOATS, xs, x1 + 128L * p, LITTLE_ENDIAN);
      a01 = l0.fma(u1, a01);
      a11 = l1.fma(u1, a11);
      a21 = l2.fma(u1, a21);
      a31 = l3.fma(u1, a31);
      a41 = l4.fma(u1, a41);
      a51 = l5.fma(u1, a51);
      FloatVector u2 = FloatVector.fromMemorySegment(FLOATS, xs, x2 + 128L * p, LITTLE_ENDIAN);
      a02 = l0.fma(u2, a02);
      a12 = l1.fma(u2, a12);
      a22 = l2.fma(u2, a22);
      a32 = l3.fma(u2, a32);
      a42 = l4.fma(u2, a42);
      a52 = l5.fma(u2, a52);
      FloatVector u3 = FloatVector.fromMemorySegment(FLOATS, xs, x3 + 128L * p, LITTLE_ENDIAN);
      a03 = l0.fma(u3, a03);
      a13 = l1.fma(u3, a13);
      a23 = l2.fma(u3, a23);
      a33 = l3.fma(u3, a33);
      a43 = l4.fma(u3, a43);
      a53 = l5.fma(u3, a53);
      FloatVector h0 = (FloatVector) b0.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector h1 = (FloatVector) b1.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector h2 = (FloatVector) b2.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector h3 = (FloatVector) b3.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector h4 = (FloatVector) b4.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector h5 = (FloatVector) b5.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0);
      FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, xs, x0 + 128L * p + 64, LITTLE_ENDIAN);
      a00 = h0.fma(v0, a00);
      a10 = h1.fma(v0, a10);
      a20 = h2.fma(v0, a20);
      a30 = h3.fma(v0, a30);
      a40 = h4.fma(v0, a40);
      a50 = h5.fma(v0, a50);
      FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, xs, x1 + 128L * p + 64, LITTLE_ENDIAN);
      a01 = h0.fma(v1, a01);
      a11 = h1.fma(v1, a11);
      a21 = h2.fma(v1, a21);
      a31 = h3.fma(v1, a31);
      a41 = h4.fma(v1, a41);
      a51 = h5.fma(v1, a51);
      FloatVector v2 = FloatVector.fromMemorySegment(FLOATS, xs, x2 + 128L * p + 64, LITTLE_ENDIAN);
      a02 = h0.fma(v2, a02);
      a12 = h1.fma(v2, a12);
      a22 = h2.fma(v2, a22);
      a32 = h3.fma(v2, a32);
      a42 = h4.fma(v2, a42);
      a52 = h5.fma(v2, a52);
      FloatVector v3 = FloatVector.fromMemorySegment(FLOATS, xs, x3 + 128L * p + 64, LITTLE_ENDIAN);
      a03 = h0.fma(v3, a03);
      a13 = h1.fma(v3, a13);
      a23 = h2.fma(v3, a23);
      a33 = h3.fma(v3, a33);
      a43 = h4.fma(v3, a43);
      a53 = h5.fma(v3, a53);
    }
    a00.intoArray(tile, 0);
    a10.intoArray(tile, 16);
    a20.intoArray(tile, 32);
    a30.intoArray(tile, 48);
    a40.intoArray(tile, 64);
    a50.intoArray(tile, 80);
    a01.intoArray(tile, 96);
    a11.intoArray(tile, 112);
    a21.intoArray(tile, 128);
    a31.intoArray(tile, 144);
    a41.intoArray(tile, 160);
    a51.intoArray(tile, 176);
    a02.intoArray(tile, 192);
    a12.intoArray(tile, 208);
    a22.intoArray(tile, 224);
    a32.intoArray(tile, 240);
    a42.intoArray(tile, 256);
    a52.intoArray(tile, 272);
    a03.intoArray(tile, 288);
    a13.intoArray(tile, 304);
    a23.intoArray(tile, 320);
    a33.intoArray(tile, 336);
    a43.intoArray(tile, 352);
    a53.intoArray(tile, 368);
  }
}
