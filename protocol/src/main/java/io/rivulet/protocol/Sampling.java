package io.rivulet.protocol;

import static io.rivulet.protocol.FieldCheck.require;

import java.util.Map;
import java.util.OptionalLong;

/**
 * How tokens are drawn. The steps are taken in this order: {@code logit_bias}, {@code
 * repetition_penalty}, {@code frequency_penalty} and {@code presence_penalty} change the logits;
 * {@code temperature} divides them; {@code top_k}, {@code top_p} and {@code min_p} leave some
 * tokens out.
 *
 * @param temperature 0 takes the most likely token, up to {@value #MAX_TEMPERATURE}
 * @param topP keep the likeliest tokens that add up to this, over 0 to 1
 * @param topK keep the k likeliest tokens; 0 keeps all
 * @param minP keep tokens at least this share as likely as the likeliest, 0 to 1
 * @param repetitionPenalty logits of tokens that the prompt or the answer has are divided by it if
 *     they are positive, else multiplied; 1 changes nothing, {@value #MIN_REPETITION_PENALTY} to
 *     {@value #MAX_REPETITION_PENALTY}. As in Hugging Face's transformers and vLLM the whole of
 *     prompt and answer counts
 * @param frequencyPenalty taken from a token's logit for each time that the answer has it, -2 to 2
 * @param presencePenalty taken once from the logit of each token that the answer has, -2 to 2
 * @param logitBias added to the logits of the tokens with these ids, -100 to 100; at most {@value
 *     #MAX_LOGIT_BIASES}
 * @param seed the same seed gives the same tokens; absent: derived from the id, so that every
 *     attempt at a request gives the same tokens
 */
public record Sampling(
    double temperature,
    double topP,
    int topK,
    double minP,
    double repetitionPenalty,
    double frequencyPenalty,
    double presencePenalty,
    Map<Integer, Double> logitBias,
    OptionalLong seed) {

  public static final double DEFAULT_TEMPERATURE = 0.7;
  public static final double DEFAULT_TOP_P = 0.95;
  public static final int DEFAULT_TOP_K = 40;
  public static final double DEFAULT_MIN_P = 0;

  public static final double MAX_TEMPERATURE = 100;
  public static final double MIN_REPETITION_PENALTY = 0.01;
  public static final double MAX_REPETITION_PENALTY = 100;

  /** The greatest frequency and presence penalty; the least is its negative. */
  public static final double MAX_PENALTY = 2;

  /** The greatest bias; the least is its negative. */
  public static final double MAX_LOGIT_BIAS = 100;

  public static final int MAX_LOGIT_BIASES = 1024;

  /** Neither penalties nor biases, and the values named here. */
  public static final Sampling DEFAULT =
      new Sampling(
          DEFAULT_TEMPERATURE,
          DEFAULT_TOP_P,
          DEFAULT_TOP_K,
          DEFAULT_MIN_P,
          1,
          0,
          0,
          Map.of(),
          OptionalLong.empty());

  public Sampling {
    require(within(temperature, 0, MAX_TEMPERATURE), "temperature", temperature, "0 to 100");
    require(topP > 0 && topP <= 1, "top_p", topP, "over 0 and at most 1");
    require(topK >= 0, "top_k", topK, "at least 0");
    require(within(minP, 0, 1), "min_p", minP, "0 to 1");
    require(
        within(repetitionPenalty, MIN_REPETITION_PENALTY, MAX_REPETITION_PENALTY),
        "repetition_penalty",
        repetitionPenalty,
        "0.01 to 100");
    requirePenalty("frequency_penalty", frequencyPenalty);
    requirePenalty("presence_penalty", presencePenalty);
    require(
        logitBias.size() <= MAX_LOGIT_BIASES,
        "logit_bias",
        logitBias.size() + " tokens",
        "at most 1024 tokens");
    logitBias.forEach(Sampling::requireBias);
    logitBias = Map.copyOf(logitBias);
  }

  private static void requirePenalty(String field, double penalty) {
    require(within(penalty, -MAX_PENALTY, MAX_PENALTY), field, penalty, "-2 to 2");
  }

  private static void requireBias(int tokenId, double bias) {
    require(tokenId >= 0, "a token id in logit_bias", tokenId, "at least 0");
    require(
        within(bias, -MAX_LOGIT_BIAS, MAX_LOGIT_BIAS),
        "logit_bias of token " + tokenId,
        bias,
        "-100 to 100");
  }

  private static boolean within(double value, double least, double greatest) {
    return value >= least && value <= greatest;
  }
}
