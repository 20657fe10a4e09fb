package io.rivulet.kernels;

import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions made of exponentials, for the whole vectors of a range; the caller does the rest by
 * their scalar twins. Each returns the first column that it has not done.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates. So
 * the steps of {@link Exponential} are repeated.
 */
final class VectorActivations {

  private VectorActivations() {}

  /** SiLU, or with the cubic term the tanh form of GELU. */
  static int gate(FloatTensor x, int token, int from, int to, boolean cubic) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector g = FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN);
      FloatVector v = g.neg();
      if (cubic) {
        v = g.mul(g).mul(ScalarKernels.GELU_CUBIC).fma(g, g).mul(ScalarKernels.GELU_SLOPE);
      }
      v = v.min(Exponential.LIMIT).max(-Exponential.LIMIT);
      FloatVector rounded =
          FloatVector.broadcast(FLOATS, Exponential.LOG2_E)
              .fma(v, FloatVector.broadcast(FLOATS, Exponential.ROUNDER));
      FloatVector n = rounded.sub(Exponential.ROUNDER);
      FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_HIGH), v);
      r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_LOW), r);
      FloatVector p =
          r.fma(
              FloatVector.broadcast(FLOATS, Exponential.C7),
              FloatVector.broadcast(FLOATS, Exponential.C6));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C5));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C4));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C3));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C2));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
      FloatVector power =
          rounded
              .reinterpretAsInts()
              .lanewise(VectorOperators.LSHL, Exponential.EXPONENT_SHIFT)
              .add(Exponential.ONE_BITS)
              .reinterpretAsFloats();
      g.div(p.mul(power).add(1f)).intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    return end;
  }

  /** The exact form of GELU, by the steps of {@link ErrorFunction}. */
  static int geluErf(FloatTensor x, int token, int from, int to) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector g = FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN);
      FloatVector z = g.abs().mul(ErrorFunction.INVERSE_ROOT_OF_TWO);
      FloatVector v = z.mul(z).neg().min(Exponential.LIMIT).max(-Exponential.LIMIT);
      FloatVector rounded =
          FloatVector.broadcast(FLOATS, Exponential.LOG2_E)
              .fma(v, FloatVector.broadcast(FLOATS, Exponential.ROUNDER));
      FloatVector n = rounded.sub(Exponential.ROUNDER);
      FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_HIGH), v);
      r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_LOW), r);
      FloatVector p =
          r.fma(
              FloatVector.broadcast(FLOATS, Exponential.C7),
              FloatVector.broadcast(FLOATS, Exponential.C6));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C5));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C4));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C3));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C2));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
      FloatVector power =
          rounded
              .reinterpretAsInts()
              .lanewise(VectorOperators.LSHL, Exponential.EXPONENT_SHIFT)
              .add(Exponential.ONE_BITS)
              .reinterpretAsFloats();
      FloatVector one = FloatVector.broadcast(FLOATS, 1f);
      FloatVector t = one.div(z.fma(FloatVector.broadcast(FLOATS, ErrorFunction.SLOPE), one));
      FloatVector q =
          t.fma(
              FloatVector.broadcast(FLOATS, ErrorFunction.C7),
              FloatVector.broadcast(FLOATS, ErrorFunction.C6));
      q = q.fma(t, FloatVector.broadcast(FLOATS, ErrorFunction.C5));
      q = q.fma(t, FloatVector.broadcast(FLOATS, ErrorFunction.C4));
      q = q.fma(t, FloatVector.broadcast(FLOATS, ErrorFunction.C3));
      q = q.fma(t, FloatVector.broadcast(FLOATS, ErrorFunction.C2));
      q = q.fma(t, FloatVector.broadcast(FLOATS, ErrorFunction.C1));
      q = q.fma(t, FloatVector.broadcast(FLOATS, ErrorFunction.C0));
      FloatVector tail = t.mul(q).mul(p.mul(power)).mul(0.5f);
      VectorMask<Float> positive = g.compare(VectorOperators.GT, 0f);
      g.mul(tail.blend(one.sub(tail), positive)).intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    return end;
  }

  /** {@code cap * tanh(x / cap)}, by the steps of {@link Exponential#expMinusOne}. */
  static int softCap(FloatTensor x, int token, int from, int to, float cap) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    float slope = 2 / cap;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector v =
          FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
              .mul(slope)
              .min(Exponential.LIMIT)
              .max(-Exponential.LIMIT);
      FloatVector rounded =
          FloatVector.broadcast(FLOATS, Exponential.LOG2_E)
              .fma(v, FloatVector.broadcast(FLOATS, Exponential.ROUNDER));
      FloatVector n = rounded.sub(Exponential.ROUNDER);
      FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_HIGH), v);
      r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_LOW), r);
      FloatVector p =
          r.fma(
              FloatVector.broadcast(FLOATS, Exponential.C7),
              FloatVector.broadcast(FLOATS, Exponential.C6));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C5));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C4));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C3));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C2));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
      FloatVector power =
          rounded
              .reinterpretAsInts()
              .lanewise(VectorOperators.LSHL, Exponential.EXPONENT_SHIFT)
              .add(Exponential.ONE_BITS)
              .reinterpretAsFloats();
      FloatVector m = p.mul(r).fma(power, power.sub(1f));
      m.div(m.add(2f)).mul(cap).intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    return end;
  }
}
