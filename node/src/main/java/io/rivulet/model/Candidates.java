package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The neurons that each row of a batch asks for, ascending, and those that any of them does. */
final class Candidates {

  private final int[] every;
  private final int[][] ids;
  private final int[] counts;
  private final byte[] asked;
  private final int[] gathered;
  private int[] united;
  private int unitedCount;

  /** For batches of so many rows at most. */
  Candidates(int rows, int neurons) {
    every = IntStream.range(0, neurons).toArray();
    ids = new int[rows][];
    counts = new int[rows];
    asked = new byte[neurons];
    gathered = new int[neurons];
    united = every;
    unitedCount = neurons;
  }

  /** The row asks for all neurons. */
  void all(int row) {
    some(row, every, every.length);
  }

  /** The row asks for these; the array is kept, not copied. */
  void some(int row, int[] neurons, int count) {
    ids[row] = neurons;
    counts[row] = count;
  }

  /** Finds what the first rows ask for together. */
  void unite(int rows) {
    if (anyWantsAll(rows)) {
      uniteAll();
    } else if (rows == 1) {
      united = ids[0];
      unitedCount = counts[0];
    } else {
      gather(rows);
    }
  }

  /** Takes it that all neurons are asked for. */
  void uniteAll() {
    united = every;
    unitedCount = every.length;
  }

  private boolean anyWantsAll(int rows) {
    for (int row = 0; row < rows; row++) {
      if (counts[row] == every.length) {
        return true;
      }
    }
    return false;
  }

  /** In a loop without branches, which nobody could foresee. */
  private void gather(int rows) {
    for (int row = 0; row < rows; row++) {
      int[] neurons = ids[row];
      for (int i = 0; i < counts[row]; i++) {
        asked[neurons[i]] = 1;
      }
    }
    int count = 0;
    for (int neuron = 0; neuron < asked.length; neuron++) {
      gathered[count] = neuron;
      count += asked[neuron];
      asked[neuron] = 0;
    }
    united = gathered;
    unitedCount = count;
  }

  int[] ids(int row) {
    return ids[row];
  }

  int count(int row) {
    return counts[row];
  }

  /** How many the first rows ask for, those that several ask for counted for each. */
  long total(int rows) {
    long sum = 0;
    for (int row = 0; row < rows; row++) {
      sum += counts[row];
    }
    return sum;
  }

  /** What was found by {@link #unite}. */
  int[] united() {
    return united;
  }

  int unitedCount() {
    return unitedCount;
  }

  /** The index of a row's first neuron from this one on. */
  int indexOf(int row, int neuron) {
    int index = Arrays.binarySearch(ids[row], 0, counts[row], neuron);
    return index < 0 ? ~index : index;
  }

  /**
   * Sets to zero what a row did not ask for, of the neurons from {@code from} to {@code to} - 1.
   */
  void clearOthers(FloatTensor x, int row, int from, int to) {
    if (counts[row] == every.length) {
      return;
    }
    int next = indexOf(row, from);
    for (int neuron = from; neuron < to; neuron++) {
      if (next < counts[row] && ids[row][next] == neuron) {
        next++;
      } else {
        x.set(row, neuron, 0);
      }
    }
  }
}
