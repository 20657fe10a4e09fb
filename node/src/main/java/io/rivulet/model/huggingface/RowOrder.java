package io.rivulet.model.huggingface;

import java.util.function.LongUnaryOperator;

/**
 * Which stored row a row of a tensor is.
 *
 * @param fits whether the rows divide as the order needs it
 */
record RowOrder(boolean fits, LongUnaryOperator from) {

  /**
   * Halves that turn together become neighbours: of every head, row {@code 2i} is its row {@code i}
   * and row {@code 2i + 1} its row {@code i + size / 2}.
   */
  static RowOrder interleaved(long rows, int heads) {
    long size = rows / heads;
    return new RowOrder(
        rows % heads == 0 && size % 2 == 0,
        row -> row / size * size + row % size / 2 + row % 2 * (size / 2));
  }

  /**
   * Groups of query heads, each with the key head and the value head that serve them, become all
   * query heads, then all key heads, then all value heads.
   */
  static RowOrder ungrouped(long rows, int heads, int keyValueHeads) {
    long shared = heads / keyValueHeads;
    long group = shared + 2;
    long size = rows / (group * keyValueHeads);
    return new RowOrder(
        heads % keyValueHeads == 0 && size > 0 && rows % (group * keyValueHeads) == 0,
        row -> {
          long head = row / size;
          long stored;
          if (head < heads) {
            stored = head / shared * group + head % shared;
          } else {
            long other = head - heads;
            stored = other % keyValueHeads * group + shared + other / keyValueHeads;
          }
          return stored * size + row % size;
        });
  }

  long of(long row) {
    return from.applyAsLong(row);
  }
}
