package io.rivulet.engine;

/**
 * How the next token is drawn from the logits.
 *
 * @param temperature 0 takes the most likely token; otherwise logits are divided by it
 * @param topK keep only the k most likely tokens; 0 keeps all
 * @param topP keep the smallest set of tokens whose probabilities add up to this; 1 keeps all
 * @param minP keep tokens at least this share as likely as the most likely one; 0 keeps all
 * @param seed token i of a request is drawn with a random number that is a function of (seed, i)
 */
public record SamplingParameters(
    double temperature, int topK, double topP, double minP, long seed) {

  /** Always the most likely token. */
  public static final SamplingParameters GREEDY = new SamplingParameters(0, 0, 1, 0, 0);

  public SamplingParameters {
    if (!(temperature >= 0 && temperature <= 100)) {
      throw new IllegalArgumentException("temperature must be from 0 to 100, was " + temperature);
    }
    if (topK < 0) {
      throw new IllegalArgumentException("top_k must not be negative, was " + topK);
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top_p must be over 0 and at most 1, was " + topP);
    }
    if (!(minP >= 0 && minP <= 1)) {
      throw new IllegalArgumentException("min_p must be from 0 to 1, was " + minP);
    }
  }
}
