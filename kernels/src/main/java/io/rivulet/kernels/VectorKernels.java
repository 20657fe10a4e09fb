package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The implementation by the Vector API, in the width of {@link VectorWidth}. What is left of a row
 * after whole vectors goes through the same scalar functions as in {@link ScalarKernels}.
 */
final class VectorKernels extends CheckedKernels {

  private static final int SUMS = 4;

  private final ThreadLocal<float[]> sums =
      ThreadLocal.withInitial(() -> new float[SUMS * Lanes.COUNT]);
  private final ThreadLocal<VectorStrips> strips = ThreadLocal.withInitial(VectorStrips::new);
  private final ThreadLocal<VectorTiles> tiles = ThreadLocal.withInitial(VectorTiles::new);

  @Override
  public String name() {
    return "vector" + FLOATS.vectorBitSize();
  }

  @Override
  void multiplyOne(Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo) {
    float[] scratch = sums.get();
    switch (w.type()) {
      case F32 -> VectorF32.multiplyOne(w, x, token, out, rowFrom, rowTo, scratch);
      case F16 -> VectorF16.multiplyOne(w, x, token, out, rowFrom, rowTo, scratch);
      case BF16 -> VectorBf16.multiplyOne(w, x, token, out, rowFrom, rowTo, scratch);
      case Q8_0 -> VectorQ8.multiplyOne(w, x, token, out, rowFrom, rowTo, scratch);
      case Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, TQ1_0, TQ2_0 ->
          strips.get().multiplyOne(w, x, token, out, rowFrom, rowTo);
    }
  }

  @Override
  void multiplyMany(Matrix w, FloatTensor x, int count, FloatTensor out, int rowFrom, int rowTo) {
    tiles.get().multiply(w, x, count, out, rowFrom, rowTo);
  }

  @Override
  void accumulate(
      Matrix w,
      FloatTensor activations,
      int token,
      int[] ids,
      int idCount,
      FloatTensor out,
      int from,
      int to) {
    MemorySegment ys = out.data();
    long yAt = out.offset(token, 0);
    ScalarKernels.zero(ys, yAt, from, to);
    switch (w.type()) {
      case F32 -> VectorF32.accumulate(w, activations, token, ids, idCount, ys, yAt, from, to);
      case F16 -> VectorF16.accumulate(w, activations, token, ids, idCount, ys, yAt, from, to);
      case BF16 -> VectorBf16.accumulate(w, activations, token, ids, idCount, ys, yAt, from, to);
      case Q8_0,
          Q4_0,
          Q4_1,
          Q5_0,
          Q5_1,
          Q2_K,
          Q3_K,
          Q4_K,
          Q5_K,
          Q6_K,
          IQ4_NL,
          IQ4_XS,
          TQ1_0,
          TQ2_0 ->
          throw noRowSums(w.type());
    }
  }

  @Override
  void accumulate(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int idCount,
      FloatTensor out,
      int from,
      int to) {
    MemorySegment ys = out.data();
    long yAt = out.offset(token, 0);
    ScalarKernels.zero(ys, yAt, from, to);
    int end = from + (to - from) / CodeType.STEP * CodeType.STEP;
    switch (w.codeType()) {
      case BYTE ->
          VectorCodes.accumulateBytes(w, activations, token, ids, idCount, ys, yAt, from, end);
      case NIBBLE, SIGNED_NIBBLE ->
          VectorCodes.accumulateNibbles(w, activations, token, ids, idCount, ys, yAt, from, end);
    }
    if (end < to) {
      ScalarKernels.accumulateRows(w, activations, token, ids, idCount, ys, yAt, end, to);
    }
  }

  @Override
  int findNonZero(FloatTensor x, int token, int from, int to, int[] ids, int idStart) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    int next = idStart;
    for (int c = from; c < end; c += LENGTH) {
      long active =
          FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
              .compare(VectorOperators.NE, 0f)
              .toLong();
      while (active != 0) {
        ids[next++] = c + Long.numberOfTrailingZeros(active);
        active &= active - 1;
      }
    }
    for (int c = end; c < to; c++) {
      if (xs.get(FLOAT, at + 4L * c) != 0) {
        ids[next++] = c;
      }
    }
    return next - idStart;
  }

  @Override
  void normalise(
      FloatTensor x,
      int token,
      int column,
      FloatTensor weight,
      FloatTensor bias,
      float epsilon,
      FloatTensor out) {
    int n = weight.cols();
    MemorySegment xs = x.data();
    MemorySegment ys = out.data();
    long xAt = x.offset(token, column);
    long yAt = out.offset(token, column);
    float mean = sum(xs, xAt, n) / n;
    float inverse = 1 / (float) Math.sqrt(sumOfSquares(xs, xAt, n, mean) / n + epsilon);
    int end = n / LENGTH * LENGTH;
    for (int i = 0; i < end; i += LENGTH) {
      FloatVector.fromMemorySegment(FLOATS, xs, xAt + 4L * i, LITTLE_ENDIAN)
          .sub(mean)
          .mul(inverse)
          .fma(
              FloatVector.fromMemorySegment(FLOATS, weight.data(), 4L * i, LITTLE_ENDIAN),
              FloatVector.fromMemorySegment(FLOATS, bias.data(), 4L * i, LITTLE_ENDIAN))
          .intoMemorySegment(ys, yAt + 4L * i, LITTLE_ENDIAN);
    }
    for (int i = end; i < n; i++) {
      float centred = (xs.get(FLOAT, xAt + 4L * i) - mean) * inverse;
      float scaled = Math.fma(centred, weight.get(0, i), bias.get(0, i));
      ys.set(FLOAT, yAt + 4L * i, scaled);
    }
  }

  @Override
  void normaliseByRootMeanSquare(
      FloatTensor x, int token, int column, FloatTensor weight, float epsilon, FloatTensor out) {
    int n = weight.cols();
    MemorySegment xs = x.data();
    MemorySegment ys = out.data();
    long xAt = x.offset(token, column);
    long yAt = out.offset(token, column);
    float inverse = 1 / (float) Math.sqrt(sumOfSquares(xs, xAt, n, 0) / n + epsilon);
    int end = n / LENGTH * LENGTH;
    for (int i = 0; i < end; i += LENGTH) {
      FloatVector.fromMemorySegment(FLOATS, xs, xAt + 4L * i, LITTLE_ENDIAN)
          .mul(inverse)
          .mul(FloatVector.fromMemorySegment(FLOATS, weight.data(), 4L * i, LITTLE_ENDIAN))
          .intoMemorySegment(ys, yAt + 4L * i, LITTLE_ENDIAN);
    }
    for (int i = end; i < n; i++) {
      ys.set(FLOAT, yAt + 4L * i, xs.get(FLOAT, xAt + 4L * i) * inverse * weight.get(0, i));
    }
  }

  private float sum(MemorySegment xs, long at, int n) {
    float[] scratch = sums.get();
    int even = Lanes.evenPart(n);
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      FloatVector partial = FloatVector.zero(FLOATS);
      for (int i = lane; i < even; i += Lanes.COUNT) {
        partial =
            partial.add(FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * i, LITTLE_ENDIAN));
      }
      partial.intoArray(scratch, lane);
    }
    float sum = Lanes.sum(scratch, 0);
    for (int i = even; i < n; i++) {
      sum += xs.get(FLOAT, at + 4L * i);
    }
    return sum;
  }

  private float sumOfSquares(MemorySegment xs, long at, int n, float mean) {
    float[] scratch = sums.get();
    int even = Lanes.evenPart(n);
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      FloatVector partial = FloatVector.zero(FLOATS);
      for (int i = lane; i < even; i += Lanes.COUNT) {
        FloatVector centred =
            FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * i, LITTLE_ENDIAN).sub(mean);
        partial = centred.fma(centred, partial);
      }
      partial.intoArray(scratch, lane);
    }
    float sum = Lanes.sum(scratch, 0);
    for (int i = even; i < n; i++) {
      float centred = xs.get(FLOAT, at + 4L * i) - mean;
      sum = Math.fma(centred, centred, sum);
    }
    return sum;
  }

  @Override
  void rotateHalves(
      FloatTensor x, int token, int column, int dims, FloatTensor rotations, int row) {
    MemorySegment xs = x.data();
    MemorySegment table = rotations.data();
    int half = dims / 2;
    long lowAt = x.offset(token, column);
    long highAt = x.offset(token, column + half);
    long cosAt = rotations.offset(row, 0);
    long sinAt = rotations.offset(row, half);
    int end = half / LENGTH * LENGTH;
    for (int i = 0; i < end; i += LENGTH) {
      FloatVector cos = FloatVector.fromMemorySegment(FLOATS, table, cosAt + 4L * i, LITTLE_ENDIAN);
      FloatVector sin = FloatVector.fromMemorySegment(FLOATS, table, sinAt + 4L * i, LITTLE_ENDIAN);
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, xs, lowAt + 4L * i, LITTLE_ENDIAN);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, xs, highAt + 4L * i, LITTLE_ENDIAN);
      a.fma(cos, b.mul(sin).neg()).intoMemorySegment(xs, lowAt + 4L * i, LITTLE_ENDIAN);
      a.fma(sin, b.mul(cos)).intoMemorySegment(xs, highAt + 4L * i, LITTLE_ENDIAN);
    }
    for (int i = end; i < half; i++) {
      rotate(x, token, column + i, column + half + i, rotations, row, i, half);
    }
  }

  @Override
  void normaliseExponentials(FloatTensor x, int token, int count) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    float largest = largest(xs, at, count);
    int end = count / LENGTH * LENGTH;
    for (int i = 0; i < end; i += LENGTH) {
      FloatVector v =
          FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * i, LITTLE_ENDIAN)
              .sub(largest)
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
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
      FloatVector power =
          rounded
              .reinterpretAsInts()
              .lanewise(VectorOperators.LSHL, Exponential.EXPONENT_SHIFT)
              .add(Exponential.ONE_BITS)
              .reinterpretAsFloats();
      p.mul(power).intoMemorySegment(xs, at + 4L * i, LITTLE_ENDIAN);
    }
    for (int i = end; i < count; i++) {
      x.set(token, i, Exponential.exp(x.get(token, i) - largest));
    }
    scaleRange(x, token, 0, count, 1 / sum(xs, at, count));
  }

  private static float largest(MemorySegment xs, long at, int count) {
    float largest = xs.get(FLOAT, at);
    int end = count / LENGTH * LENGTH;
    FloatVector v = FloatVector.broadcast(FLOATS, largest);
    for (int i = 0; i < end; i += LENGTH) {
      v = v.max(FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * i, LITTLE_ENDIAN));
    }
    largest = v.reduceLanes(VectorOperators.MAX);
    for (int i = end; i < count; i++) {
      largest = Math.max(largest, xs.get(FLOAT, at + 4L * i));
    }
    return largest;
  }

  @Override
  void score(
      FloatTensor queries,
      int token,
      int queryColumn,
      int headSize,
      FloatTensor keys,
      int firstPosition,
      int positions,
      int keyColumn,
      FloatTensor scores,
      int scoresRow) {
    VectorF32.multiplyRows(
        keys.data(),
        keys.offset(firstPosition, keyColumn),
        (long) keys.stride() * Float.BYTES,
        headSize,
        queries.data(),
        queries.offset(token, queryColumn),
        scores.data(),
        scores.offset(scoresRow, 0),
        0,
        positions,
        sums.get());
  }

  @Override
  void mix(
      FloatTensor weights,
      int row,
      FloatTensor values,
      int firstPosition,
      int positions,
      int keyColumn,
      int headSize,
      FloatTensor out,
      int token,
      int column) {
    MemorySegment weightsData = weights.data();
    MemorySegment vs = values.data();
    MemorySegment ys = out.data();
    long weightsAt = weights.offset(row, 0);
    long vAt = values.offset(firstPosition, keyColumn);
    long yAt = out.offset(token, column);
    long stride = (long) values.stride() * Float.BYTES;
    int c = 0;
    for (; c + 4 * LENGTH <= headSize; c += 4 * LENGTH) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = FloatVector.zero(FLOATS);
      FloatVector s2 = FloatVector.zero(FLOATS);
      FloatVector s3 = FloatVector.zero(FLOATS);
      long first = vAt + 4L * c;
      for (int p = 0; p < positions; p++) {
        FloatVector weight =
            FloatVector.broadcast(FLOATS, weightsData.get(FLOAT, weightsAt + 4L * p));
        long at = first + p * stride;
        s0 = FloatVector.fromMemorySegment(FLOATS, vs, at, LITTLE_ENDIAN).fma(weight, s0);
        s1 =
            FloatVector.fromMemorySegment(FLOATS, vs, at + 4L * LENGTH, LITTLE_ENDIAN)
                .fma(weight, s1);
        s2 =
            FloatVector.fromMemorySegment(FLOATS, vs, at + 8L * LENGTH, LITTLE_ENDIAN)
                .fma(weight, s2);
        s3 =
            FloatVector.fromMemorySegment(FLOATS, vs, at + 12L * LENGTH, LITTLE_ENDIAN)
                .fma(weight, s3);
      }
      long y = yAt + 4L * c;
      s0.intoMemorySegment(ys, y, LITTLE_ENDIAN);
      s1.intoMemorySegment(ys, y + 4L * LENGTH, LITTLE_ENDIAN);
      s2.intoMemorySegment(ys, y + 8L * LENGTH, LITTLE_ENDIAN);
      s3.intoMemorySegment(ys, y + 12L * LENGTH, LITTLE_ENDIAN);
    }
    for (; c + LENGTH <= headSize; c += LENGTH) {
      FloatVector sum = FloatVector.zero(FLOATS);
      for (int p = 0; p < positions; p++) {
        sum =
            FloatVector.fromMemorySegment(FLOATS, vs, vAt + 4L * c + p * stride, LITTLE_ENDIAN)
                .fma(
                    FloatVector.broadcast(FLOATS, weightsData.get(FLOAT, weightsAt + 4L * p)), sum);
      }
      sum.intoMemorySegment(ys, yAt + 4L * c, LITTLE_ENDIAN);
    }
    for (; c < headSize; c++) {
      float sum = 0;
      for (int p = 0; p < positions; p++) {
        float weight = weightsData.get(FLOAT, weightsAt + 4L * p);
        sum = Math.fma(vs.get(FLOAT, vAt + 4L * c + p * stride), weight, sum);
      }
      ys.set(FLOAT, yAt + 4L * c, sum);
    }
  }

  @Override
  void silu(FloatTensor x, int token, int from, int to) {
    int done = VectorActivations.gate(x, token, from, to, false);
    for (int c = done; c < to; c++) {
      x.set(token, c, ScalarKernels.silu(x.get(token, c)));
    }
  }

  @Override
  void gelu(FloatTensor x, int token, int from, int to) {
    int done = VectorActivations.gate(x, token, from, to, true);
    for (int c = done; c < to; c++) {
      x.set(token, c, ScalarKernels.gelu(x.get(token, c)));
    }
  }

  @Override
  void geluErf(FloatTensor x, int token, int from, int to) {
    int done = VectorActivations.geluErf(x, token, from, to);
    for (int c = done; c < to; c++) {
      x.set(token, c, ScalarKernels.geluErf(x.get(token, c)));
    }
  }

  @Override
  void rectifyRange(FloatTensor x, int token, int from, int to, float threshold) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN);
      v.blend(0f, v.compare(VectorOperators.LE, threshold))
          .intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = end; c < to; c++) {
      x.set(token, c, ScalarKernels.rectify(x.get(token, c), threshold));
    }
  }

  @Override
  void reluSquared(FloatTensor x, int token, int from, int to) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector positive =
          FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN).max(0f);
      positive.mul(positive).intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = end; c < to; c++) {
      float positive = Math.max(x.get(token, c), 0);
      x.set(token, c, positive * positive);
    }
  }

  @Override
  void addRow(FloatTensor x, int token, FloatTensor y, int yRow, int from, int to) {
    MemorySegment xs = x.data();
    MemorySegment ys = y.data();
    long at = x.offset(token, 0);
    long yAt = y.offset(yRow, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
          .add(FloatVector.fromMemorySegment(FLOATS, ys, yAt + 4L * c, LITTLE_ENDIAN))
          .intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = end; c < to; c++) {
      x.set(token, c, x.get(token, c) + y.get(yRow, c));
    }
  }

  @Override
  void multiplyRow(FloatTensor x, FloatTensor y, int token, int from, int to) {
    MemorySegment xs = x.data();
    MemorySegment ys = y.data();
    long at = x.offset(token, 0);
    long yAt = y.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
          .mul(FloatVector.fromMemorySegment(FLOATS, ys, yAt + 4L * c, LITTLE_ENDIAN))
          .intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = end; c < to; c++) {
      x.set(token, c, x.get(token, c) * y.get(token, c));
    }
  }

  @Override
  void scaleRange(FloatTensor x, int token, int from, int to, float factor) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
          .mul(factor)
          .intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = end; c < to; c++) {
      x.set(token, c, x.get(token, c) * factor);
    }
  }

  @Override
  void softCapRange(FloatTensor x, int token, int from, int to, float cap) {
    int done = VectorActivations.softCap(x, token, from, to, cap);
    for (int c = done; c < to; c++) {
      x.set(token, c, ScalarKernels.softCap(x.get(token, c), cap));
    }
  }
}
