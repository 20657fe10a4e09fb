package io.rivulet.sparsity.calibration;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.model.ModelSpec;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the activations of some of a text's tokens, equally far apart, in a file: as many as asked
 * for, or as fit {@link #MOST_BYTES}. What is concluded from them for all tokens has the error of a
 * sample of that size: the mean of a value between 0 and 1 is off by less than {@code 1 /
 * sqrt(tokens)}, 19 times in 20.
 */
final class ActivationReservoir implements TextPass.TokenObserver {

  private static final long MOST_BYTES = 512L << 20;
  private static final long ALIGNMENT = FloatTensor.ALIGNMENT;

  private final TokenFile file;
  private final int stride;
  private final int neurons;
  private final List<FloatTensor> byLayer = new ArrayList<>();
  private int first;

  /**
   * Opens it.
   *
   * @param name of its file
   * @param wanted tokens to keep
   * @param arena owns the mapping
   */
  ActivationReservoir(CalibrationRun run, String name, int wanted, Arena arena) throws IOException {
    ModelSpec spec = run.spec();
    int tokens = run.tokens();
    neurons = spec.neurons();
    long rowBytes = Math.ceilDiv((long) neurons * Float.BYTES, ALIGNMENT) * ALIGNMENT;
    int most = Math.clamp(MOST_BYTES / (spec.layers() * rowBytes), 1, Math.min(wanted, tokens));
    stride = Math.ceilDiv(tokens, most);
    int kept = Math.ceilDiv(tokens, stride);
    long layerBytes = kept * rowBytes;
    file = run.checkpoint().tokenFile(name, spec.layers() * layerBytes, run.context(), arena);
    for (int layer = 0; layer < spec.layers(); layer++) {
      MemorySegment data = file.data().asSlice(layer * layerBytes, layerBytes);
      byLayer.add(new FloatTensor(kept, neurons, data));
    }
  }

  /** Where it is kept. */
  TokenFile file() {
    return file;
  }

  /** A layer's activations: a row a token that was kept. */
  FloatTensor activations(int layer) {
    return byLayer.get(layer);
  }

  @Override
  public void at(int token) {
    first = token;
    file.at(token);
  }

  @Override
  public void onAttentionInput(int layer, FloatTensor input, int rows) {
    // Only activations count here.
  }

  @Override
  public void onNeurons(int layer, FloatTensor activations, int rows) {
    FloatTensor kept = byLayer.get(layer);
    for (int row = 0; row < rows; row++) {
      int token = first + row;
      if (token % stride == 0) {
        MemorySegment.copy(
            activations.data(),
            activations.offset(row, 0),
            kept.data(),
            kept.offset(token / stride, 0),
            (long) neurons * Float.BYTES);
      }
    }
  }
}
