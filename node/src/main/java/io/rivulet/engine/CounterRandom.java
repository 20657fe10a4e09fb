package io.rivulet.engine;

/**
 * Random numbers that are a function of seed and counter, so that token i of a request can be drawn
 * again anywhere. The mixing function is SplitMix64's (Steele, Lea, Flood: Fast Splittable
 * Pseudorandom Number Generators, OOPSLA 2014, figure 17); the seed is mixed first so that nearby
 * seeds share no stretch of numbers.
 */
final class CounterRandom {

  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private CounterRandom() {}

  /** A number from 0 (inclusive) to 1 (exclusive). */
  static double uniform(long seed, long counter) {
    long start = mix(seed + GOLDEN_GAMMA);
    return (mix(start + GOLDEN_GAMMA * (counter + 1)) >>> 11) * 0x1p-53;
  }

  private static long mix(long state) {
    long z = state;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
