package io.rivulet.engine;

/**
 * What makes tokens less likely that are there already. As in Hugging Face's transformers and vLLM,
 * the repetition penalty looks at all of the prompt and of what was generated; frequency and
 * presence penalty are OpenAI's and look at what was generated.
 *
 * @param repetition divides the logit of a token that is there if it is positive, and multiplies it
 *     otherwise (Keskar et al.: CTRL, 2019); 1 changes nothing, over 1 discourages
 * @param frequency taken from a token's logit for each time that it was generated
 * @param presence taken once from the logit of each token that was generated
 */
public record Penalties(double repetition, double frequency, double presence) {

  /** No penalty. */
  public static final Penalties NONE = new Penalties(1, 0, 0);

  public Penalties {
    if (!(repetition >= 0.01 && repetition <= 100)) {
      throw new IllegalArgumentException(
          "repetition_penalty must be from 0.01 to 100, was " + repetition);
    }
    requirePenalty("frequency_penalty", frequency);
    requirePenalty("presence_penalty", presence);
  }

  private static void requirePenalty(String name, double penalty) {
    if (!(penalty >= -2 && penalty <= 2)) {
      throw new IllegalArgumentException(name + " must be from -2 to 2, was " + penalty);
    }
  }
}
