package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.NeuronRows;
import io.rivulet.kernels.PackedMatrix;
import io.rivulet.model.profile.NeuronOrder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lays matrices out anew where kernels read them faster (see RATIONALE.md), and lets go of the
 * file's pages that they were read from: down projections of sparse models by neurons, others by
 * lanes where their type can be packed. The rest stay where they are mapped.
 */
final class WeightPacker implements WeightLayout {

  private static final Logger log = LoggerFactory.getLogger(WeightPacker.class);
  private static final int MEBIBYTE = 1 << 20;

  /** Less is done before anyone wonders. */
  private static final long WORTH_A_LINE = 256L * MEBIBYTE;

  /** Smaller ones would leave the most part of a huge page unused. */
  private static final long HUGE = 4L * MEBIBYTE;

  /** Between lines of progress. */
  private static final long PROGRESS_NANOS = Duration.ofSeconds(3).toNanos();

  private final boolean downByNeurons;
  private final Arena arena;
  private long bytes;
  private long nanos;
  private long lineAt = PROGRESS_NANOS;

  /**
   * Reads for one model.
   *
   * @param downByNeurons whether down projections get a row a neuron
   * @param arena owns what is copied
   */
  WeightPacker(boolean downByNeurons, Arena arena) {
    this.downByNeurons = downByNeurons;
    this.arena = arena;
  }

  @Override
  public Linear linear(StoredLinear stored) {
    if (!PackedMatrix.serves(stored.weight().type())) {
      return stored.linear();
    }
    long start = System.nanoTime();
    PackedMatrix packed = PackedMatrix.of(stored.weight(), this::allocate);
    done(stored.weight(), packed.byteSize(), start);
    return new Linear(packed, stored.scale(), stored.bias());
  }

  /** What is not packed stays where it is mapped, in the file's order. */
  @Override
  public boolean orders(StoredLinear stored) {
    return PackedMatrix.serves(stored.weight().type());
  }

  @Override
  public Linear neurons(StoredLinear stored, Optional<NeuronOrder> order) {
    return order.map(each -> inOrder(stored, each)).orElseGet(() -> linear(stored));
  }

  private Linear inOrder(StoredLinear stored, NeuronOrder order) {
    long start = System.nanoTime();
    try (Arena scratch = Arena.ofShared()) {
      Matrix ordered = stored.rowsInOrder(order, scratch);
      PackedMatrix packed = PackedMatrix.of(ordered, this::allocate);
      done(stored.weight(), packed.byteSize(), start);
      Optional<FloatTensor> bias =
          stored.bias().map(each -> FloatTensor.of(arena, order.placed(each.row(0))));
      return new Linear(packed, stored.scale(), bias);
    }
  }

  @Override
  public Down down(StoredLinear stored) {
    if (!downByNeurons) {
      return new Down.Dense(linear(stored));
    }
    long start = System.nanoTime();
    NeuronRows rows = NeuronRows.of(stored.weight(), this::allocate);
    done(stored.weight(), rows.byteSize(), start);
    return new Down.NeuronMajor(rows, stored.bias());
  }

  /** In huge pages where it has many. */
  private MemorySegment allocate(long size, long alignment) {
    return Optional.of(size)
        .filter(each -> each >= HUGE)
        .flatMap(each -> MemoryPages.ofSystem().flatMap(pages -> pages.allocateHuge(each, arena)))
        .orElseGet(() -> arena.allocate(size, alignment));
  }

  private void done(Matrix stored, long laidOut, long start) {
    if (stored.data().isMapped()) {
      stored.data().unload();
    }
    bytes += laidOut;
    nanos += System.nanoTime() - start;
    if (nanos >= lineAt) {
      lineAt = nanos + PROGRESS_NANOS;
      log.info("laying weights out anew: {} MiB so far", bytes / MEBIBYTE);
    }
  }

  /** Bytes that were laid out. */
  long bytes() {
    return bytes;
  }

  /** Says what was done to a large model, once all is read. */
  void report() {
    if (bytes >= WORTH_A_LINE) {
      log.info(
          "laid {} MiB of weights out anew in {} ms",
          bytes / MEBIBYTE,
          Duration.ofNanos(nanos).toMillis());
    }
  }
}
