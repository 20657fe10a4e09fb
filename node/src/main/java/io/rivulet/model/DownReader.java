package io.rivulet.model;

import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.NeuronRows;
import java.lang.foreign.Arena;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lays the down projections of sparse models out by neurons (see RATIONALE.md), and lets go of the
 * file's pages that they were read from; those of other models stay where they are mapped.
 */
final class DownReader {

  private static final Logger log = LoggerFactory.getLogger(DownReader.class);
  private static final int MEBIBYTE = 1 << 20;

  /** Less is done before anyone wonders. */
  private static final long WORTH_A_LINE = 256L * MEBIBYTE;

  private final ModelSpec spec;
  private final Arena arena;
  private long bytes;
  private long nanos;

  /**
   * Reads for one model.
   *
   * @param arena owns what is copied
   */
  DownReader(ModelSpec spec, Arena arena) {
    this.spec = spec;
    this.arena = arena;
  }

  /** Whether the model's down projections are laid out by neurons. */
  static boolean laysOut(ModelSpec spec) {
    return spec.sparse();
  }

  /** A layer's down projection. */
  Down read(Linear linear) {
    if (!laysOut(spec)) {
      return new Down.Dense(linear);
    }
    long start = System.nanoTime();
    Matrix stored = linear.weight();
    NeuronRows rows = NeuronRows.of(stored, arena);
    if (stored.data().isMapped()) {
      stored.data().unload();
    }
    bytes += rows.byteSize();
    nanos += System.nanoTime() - start;
    return new Down.NeuronMajor(rows, linear.bias());
  }

  /** Says what was done to a large model, once all layers are read. */
  void report() {
    if (bytes >= WORTH_A_LINE) {
      log.info(
          "laid {} MiB of down projections out by neurons in {} ms",
          bytes / MEBIBYTE,
          Duration.ofNanos(nanos).toMillis());
    }
  }
}
