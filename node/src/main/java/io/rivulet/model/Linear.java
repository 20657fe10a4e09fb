package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.PackedMatrix;
import io.rivulet.kernels.WeightMatrix;
import java.util.Optional;

/**
 * A linear map, {@code scale W x + b}.
 *
 * @param weight outputs x inputs
 * @param scale 1 unless the file keeps the matrix without its scale
 * @param bias 1 x outputs
 */
record Linear(WeightMatrix weight, float scale, Optional<FloatTensor> bias) {

  int outputs() {
    return weight.rows();
  }

  /** Bytes of the matrix. */
  long bytes() {
    return weight.byteSize();
  }

  /** Whether it reads its input's codes, not its values. */
  boolean readsCodes() {
    return weight instanceof PackedMatrix;
  }

  /** Computes outputs {@code from} to {@code to} - 1 of the first {@code count} rows of x. */
  void apply(Kernels kernels, LinearInput x, int count, FloatTensor out, int from, int to) {
    switch (weight) {
      case Matrix matrix -> kernels.multiply(matrix, x.values(), count, out, from, to);
      case PackedMatrix packed ->
          kernels.multiply(packed, x.codes().orElseThrow(), count, out, from, to);
    }
    for (int row = 0; row < count; row++) {
      if (scale != 1) {
        kernels.scale(out, row, from, to, scale);
      }
      if (bias.isPresent()) {
        kernels.addBias(out, bias.get(), row, from, to);
      }
    }
  }

  /**
   * Computes the outputs {@code ids[from]} to {@code ids[to - 1]} of a row of x, to the same bits.
   */
  void applyRows(
      Kernels kernels, LinearInput x, int row, int[] ids, int from, int to, FloatTensor out) {
    switch (weight) {
      case Matrix matrix -> kernels.multiplyRows(matrix, x.values(), row, ids, from, to, out);
      case PackedMatrix packed ->
          kernels.multiplyRows(packed, x.codes().orElseThrow(), row, ids, from, to, out);
    }
    finishRows(row, ids, from, to, out);
  }

  /** The same for the first {@code count} rows of x, which share the outputs. */
  void applySharedRows(
      Kernels kernels, LinearInput x, int count, int[] ids, int from, int to, FloatTensor out) {
    switch (weight) {
      case Matrix matrix ->
          kernels.multiplySharedRows(matrix, x.values(), count, ids, from, to, out);
      case PackedMatrix packed ->
          kernels.multiplySharedRows(packed, x.codes().orElseThrow(), count, ids, from, to, out);
    }
    for (int row = 0; row < count; row++) {
      finishRows(row, ids, from, to, out);
    }
  }

  private void finishRows(int row, int[] ids, int from, int to, FloatTensor out) {
    if (scale != 1 || bias.isPresent()) {
      for (int i = from; i < to; i++) {
        float scaled = out.get(row, ids[i]) * scale;
        out.set(row, ids[i], bias.isPresent() ? scaled + bias.get().get(0, ids[i]) : scaled);
      }
    }
  }
}
