package io.rivulet.engine;

import java.util.List;

/** The shares of a layer's neurons that tokens are counted by, closer the smaller. */
public final class DensityBounds {

  /** Upper bounds, ascending; the last is 1. */
  public static final List<Double> ALL =
      List.of(0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0);

  /** More than a product is off by, less than a neuron. */
  private static final double ROUNDING = 1e-6;

  private DensityBounds() {}

  /** The same as numbers of neurons. */
  static int[] ofNeurons(int neurons) {
    return ALL.stream().mapToInt(share -> (int) (share * neurons + ROUNDING)).toArray();
  }

  /** Which of them so many neurons belong to. */
  static int indexOf(int[] bounds, int neurons) {
    int index = 0;
    while (neurons > bounds[index]) {
      index++;
    }
    return index;
  }
}
