package io.rivulet.model;

import io.rivulet.model.Architecture.Trait;
import io.rivulet.model.Architecture.Window;

/** Reads how a model attends. */
final class AttentionSpecReader {

  private static final String WINDOW = "attention.sliding_window";
  private static final int MOST_HEADS = 4096;

  private final SpecKeys keys;
  private final Architecture architecture;
  private final int width;
  private final int layers;
  private final int context;

  private AttentionSpecReader(
      SpecKeys keys, Architecture architecture, int width, int layers, int context) {
    this.keys = keys;
    this.architecture = architecture;
    this.width = width;
    this.layers = layers;
    this.context = context;
  }

  static AttentionSpec read(
      SpecKeys keys, Architecture architecture, int width, int layers, int context) {
    return new AttentionSpecReader(keys, architecture, width, layers, context).read();
  }

  private AttentionSpec read() {
    int heads = keys.integer("attention.head_count", 1, MOST_HEADS);
    int headSize = headSize(heads);
    int window = window();
    return new AttentionSpec(
        heads,
        keyValueHeads(heads),
        headSize,
        scale(heads, headSize),
        keys.notNegative("attn_logit_softcapping", architecture.attentionCap()),
        window,
        window > 0 ? windowPeriod() : 0);
  }

  private int headSize(int heads) {
    int size;
    if (keys.contains("attention.key_length")) {
      size = keys.integer("attention.key_length", 1, SpecKeys.MOST_WIDTH);
    } else if (width % heads == 0) {
      size = width / heads;
    } else {
      throw keys.invalid(
          "attention.head_count",
          "is %d, which does not divide %s %d"
              .formatted(heads, keys.key("embedding_length"), width));
    }
    if ((long) heads * size > SpecKeys.MOST_WIDTH) {
      throw keys.invalid(
          "attention.head_count",
          "is %d, which with heads of size %d is more than %d numbers"
              .formatted(heads, size, SpecKeys.MOST_WIDTH));
    }
    sameAsKeys("attention.value_length", size);
    sameAsKeys("attention.key_length_swa", size);
    sameAsKeys("attention.value_length_swa", size);
    return size;
  }

  private void sameAsKeys(String suffix, int size) {
    int other = keys.integer(suffix, 1, SpecKeys.MOST_WIDTH, size);
    if (other != size) {
      throw keys.invalid(suffix, "is %d, but heads of keys have size %d".formatted(other, size));
    }
  }

  private int keyValueHeads(int heads) {
    String suffix = "attention.head_count_kv";
    int keyValueHeads = keys.integer(suffix, 1, heads, heads);
    if (heads % keyValueHeads != 0) {
      throw keys.invalid(
          suffix, "is %d, which does not divide the %d heads".formatted(keyValueHeads, heads));
    }
    return keyValueHeads;
  }

  private float scale(int heads, int headSize) {
    int divisor =
        architecture.window().map(Window::layersOfTheLargest).orElse(0) == layers
            ? width / heads
            : headSize;
    return (float) keys.positive("attention.scale", (float) (1 / Math.sqrt(divisor)));
  }

  private int window() {
    if (architecture.has(Trait.WINDOW_UNUSED)) {
      return 0;
    }
    int missing = architecture.window().map(Window::size).orElse(0);
    int window = keys.integer(WINDOW, 0, Integer.MAX_VALUE, missing);
    if (architecture.window().isEmpty() && window > 0 && window < context) {
      throw keys.invalid(
          WINDOW,
          "is %d, but in %s models this version lets every layer see the whole context of %d"
              .formatted(window, architecture.name(), context));
    }
    return architecture.window().isPresent() ? window : 0;
  }

  private int windowPeriod() {
    int missing = architecture.window().map(Window::period).orElse(0);
    return keys.integer("attention.sliding_window_pattern", 0, Integer.MAX_VALUE, missing);
  }
}
