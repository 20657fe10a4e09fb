package io.rivulet.engine;

/**
 * How much of the prompts was computed before: keys and values of equal beginnings are shared.
 *
 * @param lookedUp prompt tokens of all sequences that joined since start
 * @param reused those of them whose keys and values were found
 * @param cached tokens whose keys and values can be found now
 * @param evicted tokens that could be found and gave way since start
 */
public record PrefixCacheLoad(long lookedUp, long reused, long cached, long evicted) {

  /** Nothing. */
  public static final PrefixCacheLoad NONE = new PrefixCacheLoad(0, 0, 0, 0);
}
