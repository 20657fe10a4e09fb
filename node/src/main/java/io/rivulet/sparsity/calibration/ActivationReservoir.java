package io.rivulet.sparsity.calibration;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.model.ModelSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the activations of some of a text's tokens, equally far apart: as many as asked for, or as
 * fit {@link #MOST_BYTES}. What is concluded from them for all tokens has the error of a sample of
 * that size: the mean of a value between 0 and 1 is off by less than {@code 1 / sqrt(tokens)}, 19
 * times in 20.
 */
final class ActivationReservoir implements TextPass.TokenObserver {

  private static final long MOST_BYTES = 512L << 20;

  private final int stride;
  private final int neurons;
  private final List<FloatTensor> byLayer = new ArrayList<>();
  private final int[] counts;
  private int first;

  /**
   * Room for a sample.
   *
   * @param tokens of the text
   * @param wanted tokens to keep
   */
  ActivationReservoir(ModelSpec spec, int tokens, int wanted, Arena arena) {
    neurons = spec.neurons();
    long each = (long) spec.layers() * spec.neurons() * Float.BYTES;
    int most = Math.clamp(MOST_BYTES / each, 1, Math.min(wanted, tokens));
    stride = Math.ceilDiv(tokens, most);
    for (int layer = 0; layer < spec.layers(); layer++) {
      byLayer.add(FloatTensor.allocate(arena, Math.ceilDiv(tokens, stride), neurons));
    }
    counts = new int[spec.layers()];
  }

  /** A layer's activations: a row a token that was kept. */
  FloatTensor activations(int layer) {
    return byLayer.get(layer);
  }

  @Override
  public void at(int token) {
    first = token;
  }

  @Override
  public void onAttentionInput(int layer, FloatTensor input, int rows) {
    // Only activations count here.
  }

  @Override
  public void onNeurons(int layer, FloatTensor activations, int rows) {
    FloatTensor kept = byLayer.get(layer);
    for (int row = 0; row < rows; row++) {
      if ((first + row) % stride == 0) {
        MemorySegment.copy(
            activations.data(),
            activations.offset(row, 0),
            kept.data(),
            kept.offset(counts[layer]++, 0),
            (long) neurons * Float.BYTES);
      }
    }
  }
}
