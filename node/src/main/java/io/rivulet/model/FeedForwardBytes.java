package io.rivulet.model;

/**
 * Bytes of the matrices of a layer's FFN as they lie in memory, each with a row a neuron.
 *
 * @param gate 0 where the FFN is not gated
 */
public record FeedForwardBytes(long gate, long up, long down) {

  /** All together, what a dense model reads for a token. */
  public long all() {
    return gate + up + down;
  }
}
