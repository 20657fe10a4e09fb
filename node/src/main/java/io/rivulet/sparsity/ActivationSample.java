package io.rivulet.sparsity;

import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * Which neurons were active for which tokens: for each neuron the set of tokens, so that what two
 * neurons have in common is counted by words of 64 tokens. It holds {@code capacity} tokens in
 * neurons x capacity bits; of more, each is as likely as any other to be among them (reservoir
 * sampling, Vitter 1985, algorithm R), always the same for a seed.
 */
public final class ActivationSample {

  private final int neurons;
  private final int capacity;
  private final long[][] tokensOf;
  private final SplittableRandom random;
  private long seen;

  /**
   * An empty sample.
   *
   * @param capacity tokens that it holds
   */
  public ActivationSample(int neurons, int capacity, long seed) {
    if (neurons < 1 || capacity < 1) {
      throw new IllegalArgumentException(
          "a sample needs neurons and tokens, was %d and %d".formatted(neurons, capacity));
    }
    this.neurons = neurons;
    this.capacity = capacity;
    tokensOf = new long[neurons][Math.ceilDiv(capacity, Long.SIZE)];
    random = new SplittableRandom(seed);
  }

  /** Adds a token, or leaves it out. */
  public void add(BitSet active) {
    long place = seen < capacity ? seen : random.nextLong(seen + 1);
    seen++;
    if (place >= capacity) {
      return;
    }
    int word = (int) place / Long.SIZE;
    long bit = 1L << place;
    for (int neuron = 0; neuron < neurons; neuron++) {
      if (active.get(neuron)) {
        tokensOf[neuron][word] |= bit;
      } else {
        tokensOf[neuron][word] &= ~bit;
      }
    }
  }

  /** Neurons of the layer. */
  public int neurons() {
    return neurons;
  }

  /** Tokens held. */
  public int tokens() {
    return (int) Math.min(seen, capacity);
  }

  /** Tokens that the neuron was active for. */
  public int active(int neuron) {
    return Arrays.stream(tokensOf[neuron]).mapToInt(Long::bitCount).sum();
  }

  /** Tokens that both were active for. */
  public int together(int neuron, int other) {
    long[] a = tokensOf[neuron];
    long[] b = tokensOf[other];
    int count = 0;
    for (int word = 0; word < a.length; word++) {
      count += Long.bitCount(a[word] & b[word]);
    }
    return count;
  }

  /** Tokens that one of them was active for and the other not. */
  public int apart(int neuron, int other) {
    long[] a = tokensOf[neuron];
    long[] b = tokensOf[other];
    int count = 0;
    for (int word = 0; word < a.length; word++) {
      count += Long.bitCount(a[word] ^ b[word]);
    }
    return count;
  }
}
