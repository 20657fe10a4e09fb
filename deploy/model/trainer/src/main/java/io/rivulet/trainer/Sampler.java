package io.rivulet.trainer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Writes a sample text: temperature 0.8 among the 40 best tokens. Computes the whole text anew for
 * every token.
 */
final class Sampler {
  private static final double TEMPERATURE = 0.8;
  private static final int BEST = 40;

  private final Worker worker;
  private final Vocabulary vocabulary;
  private final Random random;

  Sampler(Worker worker, Vocabulary vocabulary, long seed) {
    this.worker = worker;
    this.vocabulary = vocabulary;
    random = new Random(seed);
  }

  /** Continues a prompt of tokens, which starts with begin-of-text. */
  String sample(long[] prompt, int count) {
    List<Integer> tokens = new ArrayList<>();
    for (long token : prompt) {
      tokens.add((int) token);
    }
    for (int i = 0; i < count; i++) {
      int next = pick(worker.nextScores(tokens.stream().mapToLong(Integer::longValue).toArray()));
      if (next == Corpus.END) {
        break;
      }
      tokens.add(next);
    }
    return vocabulary.decode(tokens).strip();
  }

  private int pick(float[] scores) {
    int[] best =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -scores[i]))
            .limit(BEST)
            .mapToInt(Integer::intValue)
            .toArray();
    double[] cumulative = new double[best.length];
    double sum = 0;
    for (int i = 0; i < best.length; i++) {
      sum += Math.exp((scores[best[i]] - scores[best[0]]) / TEMPERATURE);
      cumulative[i] = sum;
    }
    double draw = random.nextDouble() * sum;
    for (int i = 0; i < best.length; i++) {
      if (draw < cumulative[i]) {
        return best[i];
      }
    }
    return best[0];
  }
}
