package io.rivulet.model.gguf;

import java.lang.foreign.MemorySegment;

/** Where the bytes of a tensor come from when it is written by many threads. */
@FunctionalInterface
public interface RowEncoder {

  /**
   * Puts a row there, stored as the tensor's type.
   *
   * @param row from 0; rows are asked for once each, in any order
   * @param offset where in the segment the row begins
   */
  void encode(int row, MemorySegment into, long offset);
}
