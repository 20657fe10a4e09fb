package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.KeyValueBlocks;
import io.rivulet.kernels.KeyValueType;
import java.lang.foreign.Arena;

/** Keys and values of past positions, in blocks that have the same number in all layers. */
final class KeyValueCache {

  private final KeyValueBlocks[] layers;
  private final int blocks;

  KeyValueCache(ModelSpec spec, KeyValueType type, int blocks, Arena arena) {
    this.blocks = blocks;
    layers = new KeyValueBlocks[spec.layers()];
    int heads = spec.attention().keyValueHeads();
    int headSize = spec.attention().headSize();
    for (int layer = 0; layer < spec.layers(); layer++) {
      layers[layer] = KeyValueBlocks.allocate(arena, type, blocks, heads, headSize);
    }
  }

  int blocks() {
    return blocks;
  }

  KeyValueBlocks layer(int layer) {
    return layers[layer];
  }

  /** Stores a row's keys and values at its position. */
  void store(int layer, Batch batch, FloatTensor key, FloatTensor value, int row) {
    int position = batch.position(row);
    int block = batch.blocks(row)[position / KeyValueBlocks.POSITIONS];
    layers[layer].store(block, position % KeyValueBlocks.POSITIONS, key, value, row);
  }
}
