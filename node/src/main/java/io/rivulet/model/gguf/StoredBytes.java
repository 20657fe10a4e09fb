package io.rivulet.model.gguf;

import java.lang.foreign.MemorySegment;

/** Bytes as they lie in a file. */
record StoredBytes(MemorySegment all) implements TensorSource {

  @Override
  public MemorySegment slice(long offset, long bytes) {
    return all.asSlice(offset, bytes);
  }
}
