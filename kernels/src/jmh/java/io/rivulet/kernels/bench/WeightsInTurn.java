package io.rivulet.kernels.bench;

import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightType;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;

/** Matrices of one shape that are multiplied by one after another, as a model's layers are. */
final class WeightsInTurn {

  static final int COLS = 2048;

  private final List<Matrix> matrices;
  private int turn;

  WeightsInTurn(Arena arena, WeightType type, Memory memory) {
    int rows = memory.rows(type.rowBytes(COLS));
    matrices =
        IntStream.range(0, memory.count())
            .parallel()
            .mapToObj(i -> Samples.weights(arena, type, rows, COLS, i))
            .toList();
  }

  int rows() {
    return matrices.getFirst().rows();
  }

  Matrix next() {
    turn = turn + 1 == matrices.size() ? 0 : turn + 1;
    return matrices.get(turn);
  }
}
