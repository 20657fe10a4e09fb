package io.rivulet.protocol;

/**
 * How much of its prompts a node had computed before: those that begin the same share keys and
 * values.
 *
 * @param tokensLookedUp prompt tokens that were looked for, since start
 * @param tokensReused those of them that were found and not computed again
 * @param tokensCached tokens that can be found now
 * @param tokensEvicted tokens that could be found and gave way to others, since start
 */
public record PrefixCacheReport(
    long tokensLookedUp, long tokensReused, long tokensCached, long tokensEvicted) {

  /** What a node reports that shares nothing. */
  public static final PrefixCacheReport NONE = new PrefixCacheReport(0, 0, 0, 0);
}
