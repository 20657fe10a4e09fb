package io.rivulet.kernels;

/**
 * What queries of a layer see, and how they weigh it.
 *
 * @param sharing query heads that share a head of keys and values, at least 1 (grouped-query
 *     attention, arXiv:2305.13245)
 * @param window positions that a query sees, its own included, or 0 for all up to its own
 * @param scale what a score, query times key, is multiplied by; 1 / sqrt(headSize) as a rule
 * @param softCap what scores stay below in magnitude, as tanh bends them: {@code cap * tanh(score /
 *     cap)} (Gemma 2, arXiv:2408.00118); 0 for no cap
 */
public record AttentionRule(int sharing, int window, float scale, float softCap) {

  public AttentionRule {
    if (sharing < 1 || window < 0) {
      throw new IllegalArgumentException(
          "a head is shared by 1 or more and a window is not negative, were %d and %d"
              .formatted(sharing, window));
    }
    if (softCap < 0) {
      throw new IllegalArgumentException("a soft cap is negative: " + softCap);
    }
  }

  /** The first position that the query at a position sees. */
  int firstVisible(int position) {
    return window == 0 ? 0 : Math.max(0, position + 1 - window);
  }
}
