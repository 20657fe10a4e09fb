package io.rivulet.model.tokenizer;

import java.util.Arrays;

/** Collects token ids. */
final class IdList {

  private int[] ids = new int[64];
  private int size;

  void add(int id) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, size * 2);
    }
    ids[size++] = id;
  }

  int size() {
    return size;
  }

  /** Takes away all but the first. */
  void truncate(int newSize) {
    size = newSize;
  }

  boolean endsWith(int id) {
    return size > 0 && ids[size - 1] == id;
  }

  int[] toArray() {
    return Arrays.copyOf(ids, size);
  }
}
