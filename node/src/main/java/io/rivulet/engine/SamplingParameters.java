package io.rivulet.engine;

import java.util.Map;

/**
 * How the next token is drawn from the logits: bias, then penalties, temperature, top-k, top-p and
 * min-p.
 *
 * @param temperature 0 takes the most likely token; otherwise logits are divided by it
 * @param topK keep only the k most likely tokens; 0 keeps all
 * @param topP keep the smallest set of tokens whose probabilities add up to this; 1 keeps all
 * @param minP keep tokens at least this share as likely as the most likely one; 0 keeps all
 * @param logitBias added to the logits of the tokens with these ids, -100 to 100
 * @param seed token i of a request is drawn with a random number that is a function of (seed, i)
 */
public record SamplingParameters(
    double temperature,
    int topK,
    double topP,
    double minP,
    Penalties penalties,
    Map<Integer, Double> logitBias,
    long seed) {

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
    logitBias.forEach(SamplingParameters::requireBias);
    logitBias = Map.copyOf(logitBias);
  }

  /** With neither penalties nor bias. */
  public SamplingParameters(double temperature, int topK, double topP, double minP, long seed) {
    this(temperature, topK, topP, minP, Penalties.NONE, Map.of(), seed);
  }

  /** The same with these penalties. */
  public SamplingParameters withPenalties(Penalties other) {
    return new SamplingParameters(temperature, topK, topP, minP, other, logitBias, seed);
  }

  /** The same with this bias. */
  public SamplingParameters withLogitBias(Map<Integer, Double> other) {
    return new SamplingParameters(temperature, topK, topP, minP, penalties, other, seed);
  }

  private static void requireBias(int tokenId, double bias) {
    if (!(bias >= -100 && bias <= 100)) {
      throw new IllegalArgumentException(
          "logit_bias of token " + tokenId + " must be from -100 to 100, was " + bias);
    }
  }
}
