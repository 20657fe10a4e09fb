package io.rivulet.kernels;

import java.lang.foreign.Arena;

/**
 * The down projection of a feed-forward network, a row a neuron, so that what a neuron needs lies
 * together: read where it is active, left alone where it is zero.
 */
public sealed interface NeuronRows permits Matrix, CodedRows {

  /** Neurons. */
  int rows();

  /** Width of the residual stream. */
  int cols();

  /** Columns that cannot be computed apart; the last may be fewer. */
  int columnStep();

  /** Bytes of all rows with all that belongs to them. */
  long byteSize();

  /** The bytes that {@link #of} would take for all rows, found without doing it. */
  static long bytesOf(Matrix down) {
    return BlockCodes.of(down.type())
        .map(blocks -> blocks.bytes(down.cols(), down.rows()))
        .orElseGet(() -> down.type().rowBytes(down.rows()) * down.cols());
  }

  /**
   * A down projection as a file has it, laid out by neurons in memory of its own. Weights keep the
   * exact value that they are stored with. Works on all cores.
   *
   * @param down width x neurons
   * @param arena lives as long as the result, open to all threads
   */
  static NeuronRows of(Matrix down, Arena arena) {
    return BlockCodes.of(down.type())
        .<NeuronRows>map(blocks -> Transposition.of(down, blocks, arena))
        .orElseGet(() -> WeightCodec.transpose(down, down.type(), arena));
  }
}
