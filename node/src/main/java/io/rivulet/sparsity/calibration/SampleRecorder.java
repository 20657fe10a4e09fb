package io.rivulet.sparsity.calibration;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.sparsity.predictor.ActivationSamples;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Writes what predictors learn from to a file, of all tokens of a text: what attention reads in
 * each layer, and which neurons are active.
 */
final class SampleRecorder implements TextPass.TokenObserver {

  private final TokenFile file;
  private final Kernels kernels;
  private final List<FloatTensor> thresholds;
  private final int tokens;
  private final int width;
  private final int neurons;
  private final int words;
  private final int[] ids;
  private final MemorySegment inputs;
  private final MemorySegment active;
  private int first;

  /**
   * Opens it.
   *
   * @param name of its file
   * @param thresholds for each layer 1 x neurons: a neuron is active whose activation is larger
   * @param arena owns the mapping
   */
  SampleRecorder(CalibrationRun run, String name, List<FloatTensor> thresholds, Arena arena)
      throws IOException {
    kernels = run.kernels();
    this.thresholds = List.copyOf(thresholds);
    tokens = run.tokens();
    width = run.spec().width();
    neurons = run.spec().neurons();
    words = Math.ceilDiv(neurons, Long.SIZE);
    ids = new int[neurons];
    long inputBytes = (long) run.spec().layers() * tokens * width * Float.BYTES;
    long activeBytes = (long) run.spec().layers() * tokens * words * Long.BYTES;
    long aligned = Math.ceilDiv(inputBytes, Long.BYTES) * Long.BYTES;
    file = run.checkpoint().tokenFile(name, aligned + activeBytes, run.context(), arena);
    inputs = file.data().asSlice(0, inputBytes);
    active = file.data().asSlice(aligned);
  }

  /** Where it is kept. */
  TokenFile file() {
    return file;
  }

  @Override
  public void at(int token) {
    first = token;
    file.at(token);
  }

  @Override
  public void onAttentionInput(int layer, FloatTensor input, int rows) {
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(
          input.data(),
          input.offset(row, 0),
          inputs,
          inputAt(layer, first + row),
          (long) width * Float.BYTES);
    }
  }

  @Override
  public void onNeurons(int layer, FloatTensor activations, int rows) {
    for (int row = 0; row < rows; row++) {
      int count = kernels.above(activations, row, 0, neurons, thresholds.get(layer), 0, ids, 0);
      long at = activeAt(layer, first + row);
      long word = 0;
      int index = 0;
      for (int i = 0; i < count; i++) {
        for (; index < ids[i] / Long.SIZE; index++) {
          active.set(ValueLayout.JAVA_LONG, at + (long) index * Long.BYTES, word);
          word = 0;
        }
        word |= 1L << ids[i];
      }
      active.set(ValueLayout.JAVA_LONG, at + (long) index * Long.BYTES, word);
    }
  }

  private long inputAt(int layer, int token) {
    return ((long) layer * tokens + token) * width * Float.BYTES;
  }

  private long activeAt(int layer, int token) {
    return ((long) layer * tokens + token) * words * Long.BYTES;
  }

  /** What a layer's predictor learns from, with the input of attention in another layer. */
  ActivationSamples samples(int inputLayer, int layer) {
    return new ActivationSamples() {
      @Override
      public int tokens() {
        return tokens;
      }

      @Override
      public int width() {
        return width;
      }

      @Override
      public int neurons() {
        return neurons;
      }

      @Override
      public void input(int token, float[] values) {
        MemorySegment.copy(
            inputs, ValueLayout.JAVA_FLOAT_UNALIGNED, inputAt(inputLayer, token), values, 0, width);
      }

      @Override
      public void active(int token, long[] bits) {
        MemorySegment.copy(active, ValueLayout.JAVA_LONG, activeAt(layer, token), bits, 0, words);
      }
    };
  }
}
