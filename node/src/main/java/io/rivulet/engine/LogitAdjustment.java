package io.rivulet.engine;

import java.util.Map;

/**
 * What one request does to logits before tokens are drawn from them. First the bias is added, then
 * the penalties are taken, the repetition penalty before the others, as in Hugging Face's
 * transformers, vLLM and llama.cpp. Allocates when it is made, and no more.
 */
final class LogitAdjustment {

  /** Changes nothing. */
  static final LogitAdjustment NONE = new LogitAdjustment(SamplingParameters.GREEDY, 0, 0);

  private static final int[] NO_TOKENS = {};

  private final int[] biasedIds;
  private final float[] biases;
  private final float repetition;
  private final float frequency;
  private final float presence;

  /** By token: 0 where it is not there yet, else one more than the times it was generated. */
  private final int[] uses;

  /** The tokens that are there, each once. */
  private final int[] used;

  private int usedCount;
  private int[] barred = NO_TOKENS;
  private int barredUntil;

  /**
   * An adjustment for a sequence that has no tokens yet.
   *
   * @param mostTokens that the sequence can come to have
   */
  LogitAdjustment(SamplingParameters sampling, int vocabulary, int mostTokens) {
    biasedIds = new int[sampling.logitBias().size()];
    biases = new float[biasedIds.length];
    int at = 0;
    for (Map.Entry<Integer, Double> bias : sampling.logitBias().entrySet()) {
      biasedIds[at] = bias.getKey();
      biases[at++] = bias.getValue().floatValue();
    }
    Penalties penalties = sampling.penalties();
    repetition = (float) penalties.repetition();
    frequency = (float) penalties.frequency();
    presence = (float) penalties.presence();
    boolean counts = !penalties.equals(Penalties.NONE);
    uses = counts ? new int[vocabulary] : NO_TOKENS;
    used = counts ? new int[Math.min(vocabulary, mostTokens)] : NO_TOKENS;
  }

  /** Tokens that are not to be drawn before the sequence has generated so many. */
  void bar(int[] tokens, int until) {
    barred = tokens;
    barredUntil = until;
  }

  /** The tokens that are not to be drawn as the token with this index. */
  int[] barred(int index) {
    return index < barredUntil ? barred : NO_TOKENS;
  }

  void addPrompt(int[] tokens) {
    if (uses.length > 0) {
      for (int token : tokens) {
        add(token);
      }
    }
  }

  void addGenerated(int token) {
    if (uses.length > 0) {
      add(token);
      uses[token]++;
    }
  }

  private void add(int token) {
    if (uses[token] == 0) {
      uses[token] = 1;
      used[usedCount++] = token;
    }
  }

  /** Changes the logits, one for each token of the vocabulary. */
  void apply(float[] logits) {
    for (int i = 0; i < biasedIds.length; i++) {
      logits[biasedIds[i]] += biases[i];
    }
    for (int i = 0; i < usedCount; i++) {
      int id = used[i];
      float logit = logits[id] > 0 ? logits[id] / repetition : logits[id] * repetition;
      int generated = uses[id] - 1;
      logits[id] = logit - generated * frequency - (generated > 0 ? presence : 0);
    }
  }
}
