package io.rivulet.model;

/**
 * How a block attends.
 *
 * @param heads query heads
 * @param keyValueHeads key and value heads; each serves {@code heads / keyValueHeads} query heads
 * @param headSize numbers in a head of queries, keys or values
 * @param scale what a score, query times key, is multiplied by
 * @param softCap what scores stay below in magnitude, as tanh bends them (arXiv:2408.00118); 0 for
 *     no cap
 * @param window positions that a query of a local layer sees, its own included; 0 where no layer is
 *     local
 * @param windowPeriod every so many layers the last one is not local; 0 where all are
 */
public record AttentionSpec(
    int heads,
    int keyValueHeads,
    int headSize,
    float scale,
    float softCap,
    int window,
    int windowPeriod) {

  /** Numbers in all query heads of a token. */
  public int queryWidth() {
    return heads * headSize;
  }

  /** Numbers in all key heads of a token, and in all value heads. */
  public int keyValueWidth() {
    return keyValueHeads * headSize;
  }

  /** Whether queries of a layer see the last positions alone. */
  public boolean local(int layer) {
    return window > 0 && (windowPeriod == 0 || layer % windowPeriod < windowPeriod - 1);
  }
}
