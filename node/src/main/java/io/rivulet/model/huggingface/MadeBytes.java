package io.rivulet.model.huggingface;

import io.rivulet.model.gguf.TensorSource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A tensor that is put together from rows made one by one, when it is asked for. */
final class MadeBytes implements TensorSource {

  /** Makes rows; called by many threads, in any order. */
  @FunctionalInterface
  interface Rows {

    /** The bytes of a row, outside the Java heap: a part of a mapped file, or made anew. */
    MemorySegment row(long row);
  }

  private final long rows;
  private final long rowBytes;
  private final Arena arena;
  private final Rows source;
  private Optional<MemorySegment> made = Optional.empty();

  /**
   * Makes nothing yet.
   *
   * @param arena lives as long as the model
   */
  MadeBytes(long rows, long rowBytes, Arena arena, Rows source) {
    this.rows = rows;
    this.rowBytes = rowBytes;
    this.arena = arena;
    this.source = source;
  }

  @Override
  public synchronized MemorySegment all() {
    if (made.isEmpty()) {
      MemorySegment all = arena.allocate(Math.multiplyExact(rows, rowBytes), Long.BYTES);
      fill(all, 0);
      made = Optional.of(all.asReadOnly());
    }
    return made.get();
  }

  @Override
  public MemorySegment slice(long offset, long bytes) {
    Optional<MemorySegment> there;
    synchronized (this) {
      there = made;
    }
    if (there.isPresent()) {
      return there.get().asSlice(offset, bytes);
    }
    if (bytes == rowBytes) {
      return source.row(offset / rowBytes);
    }
    @SuppressWarnings("MustBeClosedChecker") // freed when the slice is not reachable any more
    MemorySegment several = Arena.ofAuto().allocate(bytes, Long.BYTES);
    fill(several, offset / rowBytes);
    return several;
  }

  private void fill(MemorySegment into, long first) {
    for (long at = 0; at < into.byteSize(); at += rowBytes) {
      MemorySegment.copy(source.row(first + at / rowBytes), 0, into, at, rowBytes);
    }
  }
}
