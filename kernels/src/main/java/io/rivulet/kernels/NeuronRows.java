package io.rivulet.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

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

  /** Where the rows are, one after another, each as long as the others. */
  MemorySegment rowMemory();

  /** The bytes that {@link #of} would take for all rows, found without doing it. */
  static long bytesOf(Matrix down) {
    return BlockCodes.of(down.type())
        .map(blocks -> blocks.bytes(down.cols(), down.rows()))
        .orElseGet(() -> down.type().rowBytes(down.rows()) * down.cols());
  }

  /**
   * A down projection as a file has it, laid out by neurons. Weights keep the exact value that they
   * are stored with. Works on all cores.
   *
   * @param down width x neurons
   * @param memory takes the result, open to all threads
   */
  static NeuronRows of(Matrix down, SegmentAllocator memory) {
    return BlockCodes.of(down.type())
        .<NeuronRows>map(blocks -> Transposition.of(down, blocks, memory))
        .orElseGet(() -> WeightCodec.transpose(down, down.type(), memory));
  }

  /**
   * What {@link #of} made in this memory before, found again: after it was kept in a file.
   *
   * @param down as it was then; only its type and shape count
   * @param memory gives the memory that was filled
   */
  static NeuronRows found(Matrix down, SegmentAllocator memory) {
    return BlockCodes.of(down.type())
        .<NeuronRows>map(blocks -> CodedRows.transposed(down, blocks, memory))
        .orElseGet(() -> WeightCodec.transposed(down, down.type(), memory));
  }
}
