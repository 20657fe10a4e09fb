package io.rivulet.stream;

/**
 * Attempts at a prompt that came to nothing, one after the other.
 *
 * @param count the present attempt included
 * @param tokens of the answer that were published before the first of them
 */
record Strikes(int count, int tokens) {

  /** The same, knowing how many tokens are published as the present attempt begins. */
  Strikes withPublished(int published) {
    return published > tokens ? new Strikes(1, published) : this;
  }

  /** The same and so many after them. */
  Strikes andMore(int attempts) {
    return new Strikes(count + attempts, tokens);
  }

  /** Those before the present attempt. */
  Strikes before() {
    return new Strikes(count - 1, tokens);
  }
}
