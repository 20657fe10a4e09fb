package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Keys and values of past positions, of one layer, in blocks of {@value #POSITIONS} positions that
 * sequences own or share. In a block, heads follow each other; of a head the keys lie transposed,
 * {@code key[dimension][position]}, so that a score a position is a sum a lane, and the values as
 * they come, {@code value[position][dimension]}. In Q8_0 the scales follow a head's codes, in the
 * same order.
 *
 * @param type how they are stored
 * @param blocks how many
 * @param heads key and value heads
 * @param headSize numbers in a head of keys or values
 * @param keys of all blocks
 * @param values as keys
 */
public record KeyValueBlocks(
    KeyValueType type,
    int blocks,
    int heads,
    int headSize,
    MemorySegment keys,
    MemorySegment values) {

  /** Positions in a block. */
  public static final int POSITIONS = 32;

  public KeyValueBlocks {
    requireNonNull(keys, "keys is null");
    requireNonNull(values, "values is null");
    long bytes = bytes(type, blocks, heads, headSize);
    if (keys.byteSize() < bytes || values.byteSize() < bytes) {
      throw new IllegalArgumentException(
          "%d blocks of %d heads of %d numbers take %d bytes, were %d for keys and %d for values"
              .formatted(blocks, heads, headSize, bytes, keys.byteSize(), values.byteSize()));
    }
  }

  /** Blocks of zeros that live as long as the arena. */
  public static KeyValueBlocks allocate(
      Arena arena, KeyValueType type, int blocks, int heads, int headSize) {
    long bytes = bytes(type, blocks, heads, headSize);
    return new KeyValueBlocks(
        type,
        blocks,
        heads,
        headSize,
        arena.allocate(bytes, FloatTensor.ALIGNMENT),
        arena.allocate(bytes, FloatTensor.ALIGNMENT));
  }

  /**
   * Stores the keys and values of one position.
   *
   * @param slot its place in the block
   * @param key row {@code row} has the heads of keys one after another
   * @param value as key
   */
  public void store(int block, int slot, FloatTensor key, FloatTensor value, int row) {
    Objects.checkIndex(slot, POSITIONS);
    Objects.checkIndex(row, Math.min(key.rows(), value.rows()));
    Objects.checkFromToIndex(0, heads * headSize, Math.min(key.cols(), value.cols()));
    for (int head = 0; head < heads; head++) {
      long at = offset(block, head);
      long k = key.offset(row, head * headSize);
      long v = value.offset(row, head * headSize);
      switch (type) {
        case F32 -> {
          for (int c = 0; c < headSize; c++) {
            keys.set(FLOAT, at + 4L * (c * POSITIONS + slot), key.data().get(FLOAT, k + 4L * c));
          }
          MemorySegment.copy(
              value.data(), v, values, at + 4L * slot * headSize, (long) headSize * Float.BYTES);
        }
        case F16 -> {
          KeyValueCodec.storeHalves(key.data(), k, headSize, keys, at + 2L * slot, POSITIONS);
          KeyValueCodec.storeHalves(
              value.data(), v, headSize, values, at + 2L * slot * headSize, 1);
        }
        case Q8_0 -> {
          KeyValueCodec.storeKeyCodes(key.data(), k, headSize, keys, at, slot);
          KeyValueCodec.storeValueCodes(value.data(), v, headSize, values, at, slot);
        }
      }
    }
  }

  /** Bytes from the start of the keys, or of the values, to those of a head. */
  long offset(int block, int head) {
    Objects.checkIndex(block, blocks);
    return ((long) block * heads + Objects.checkIndex(head, heads))
        * POSITIONS
        * type.bytes(headSize);
  }

  private static long bytes(KeyValueType type, int blocks, int heads, int headSize) {
    if (blocks < 1 || heads < 1 || headSize < 1) {
      throw new IllegalArgumentException(
          "keys and values need blocks, heads and numbers, were %d, %d and %d"
              .formatted(blocks, heads, headSize));
    }
    return Math.multiplyExact((long) blocks * heads, (long) POSITIONS * type.bytes(headSize));
  }
}
