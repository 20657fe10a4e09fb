package io.rivulet.sparsity.calibration;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.model.ModelSpec;
import io.rivulet.sparsity.predictor.ActivationSamples;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes what predictors learn from to a file, of all tokens of a text: what attention reads in
 * each layer, and which neurons are active. The file is gone when it is closed.
 */
final class SampleRecorder implements TextPass.TokenObserver, AutoCloseable {

  private final Kernels kernels;
  private final List<FloatTensor> thresholds;
  private final int tokens;
  private final int width;
  private final int neurons;
  private final int words;
  private final int[] ids;
  private final Arena arena = Arena.ofShared();
  private final FileChannel channel;
  private final MemorySegment inputs;
  private final MemorySegment active;
  private int first;

  /**
   * Room for all tokens.
   *
   * @param thresholds for each layer 1 x neurons: a neuron is active whose activation is larger
   */
  SampleRecorder(
      Path file, ModelSpec spec, Kernels kernels, List<FloatTensor> thresholds, int tokens)
      throws IOException {
    this.kernels = kernels;
    this.thresholds = List.copyOf(thresholds);
    this.tokens = tokens;
    width = spec.width();
    neurons = spec.neurons();
    words = Math.ceilDiv(neurons, Long.SIZE);
    ids = new int[neurons];
    long inputBytes = (long) spec.layers() * tokens * width * Float.BYTES;
    long activeBytes = (long) spec.layers() * tokens * words * Long.BYTES;
    channel = FileChannel.open(file, CREATE_NEW, READ, WRITE, DELETE_ON_CLOSE);
    boolean made = false;
    try {
      long aligned = Math.ceilDiv(inputBytes, Long.BYTES) * Long.BYTES;
      MemorySegment all =
          channel.map(FileChannel.MapMode.READ_WRITE, 0, aligned + activeBytes, arena);
      inputs = all.asSlice(0, inputBytes);
      active = all.asSlice(aligned);
      made = true;
    } finally {
      if (!made) {
        close();
      }
    }
  }

  @Override
  public void at(int token) {
    first = token;
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

  @Override
  public void close() throws IOException {
    arena.close();
    channel.close();
  }
}
