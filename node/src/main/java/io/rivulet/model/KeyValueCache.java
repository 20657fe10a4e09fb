package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Keys and values of past positions, float32, a row a position; a sequence's positions are
 * consecutive rows.
 */
final class KeyValueCache {

  private final FloatTensor[] keys;
  private final FloatTensor[] values;
  private final int capacity;

  KeyValueCache(ModelSpec spec, int capacity, Arena arena) {
    this.capacity = capacity;
    keys = new FloatTensor[spec.layers()];
    values = new FloatTensor[spec.layers()];
    for (int layer = 0; layer < spec.layers(); layer++) {
      keys[layer] = FloatTensor.allocate(arena, capacity, spec.attention().keyValueWidth());
      values[layer] = FloatTensor.allocate(arena, capacity, spec.attention().keyValueWidth());
    }
  }

  int capacity() {
    return capacity;
  }

  FloatTensor keys(int layer) {
    return keys[layer];
  }

  FloatTensor values(int layer) {
    return values[layer];
  }

  void store(int layer, int cacheRow, FloatTensor key, FloatTensor value, int row) {
    copy(key, row, keys[layer], cacheRow);
    copy(value, row, values[layer], cacheRow);
  }

  private static void copy(FloatTensor from, int row, FloatTensor to, int cacheRow) {
    Objects.checkIndex(cacheRow, to.rows());
    MemorySegment.copy(
        from.data(),
        from.offset(row, 0),
        to.data(),
        to.offset(cacheRow, 0),
        (long) to.cols() * Float.BYTES);
  }
}
