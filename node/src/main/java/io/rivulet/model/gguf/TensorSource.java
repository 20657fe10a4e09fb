package io.rivulet.model.gguf;

import java.lang.foreign.MemorySegment;

/**
 * Where a tensor's bytes come from: they lie in a file as they are, or are made of others when they
 * are asked for. What is returned lies outside the Java heap. Safe to use from many threads.
 */
public interface TensorSource {

  /** All bytes; made at most once, and kept as long as the model is open. */
  MemorySegment all();

  /**
   * Some whole rows; made anew where {@link #all()} was not called, so that a tensor can be gone
   * through without keeping it.
   *
   * @param offset where the first of the rows begins
   * @param bytes of all the rows
   */
  MemorySegment slice(long offset, long bytes);
}
