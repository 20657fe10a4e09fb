package io.rivulet.model;

import java.util.Optional;

/**
 * The weights of a block's attention.
 *
 * @param norm of its input
 * @param queryNorm of each head of queries, 1 x headSize
 * @param keyNorm of each head of keys, 1 x headSize
 * @param innerNorm of what heads found, before the output
 * @param normAfter of the output
 */
record AttentionWeights(
    Norm norm,
    Linear query,
    Linear key,
    Linear value,
    Optional<Norm> queryNorm,
    Optional<Norm> keyNorm,
    Optional<Norm> innerNorm,
    Linear output,
    Optional<Norm> normAfter) {

  /** Whether a map of its input reads codes. */
  boolean readsCodes() {
    return query.readsCodes() || key.readsCodes() || value.readsCodes();
  }

  /** Bytes of the matrices. */
  long bytes() {
    return query.bytes() + key.bytes() + value.bytes() + output.bytes();
  }
}
