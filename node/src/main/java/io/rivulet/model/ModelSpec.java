package io.rivulet.model;

import io.rivulet.kernels.KeyValueType;
import java.util.Optional;

/**
 * What a model is: sizes, and the choices in which architectures differ. One transformer computes
 * them all.
 *
 * @param architecture the name in the file, such as {@code nemotron}
 * @param name what the file calls the model; may be empty
 * @param vocabulary tokens
 * @param context positions that the model was trained for
 * @param width numbers in the residual stream
 * @param layers transformer blocks
 * @param neurons width of the FFN
 * @param embeddingScale what a token's embedding is multiplied by
 * @param rope how positions enter attention; empty where they are learned and added to embeddings
 * @param attention how a block attends
 * @param feedForward what its FFN computes
 * @param norms where it normalises, and how
 * @param parallel whether attention and FFN both read the block's input, rather than the FFN what
 *     attention made of it
 * @param logitCap what logits stay below in magnitude, as tanh bends them; 0 for no cap
 */
public record ModelSpec(
    String architecture,
    String name,
    int vocabulary,
    int context,
    int width,
    int layers,
    int neurons,
    float embeddingScale,
    Optional<RopeSpec> rope,
    AttentionSpec attention,
    FeedForwardSpec feedForward,
    NormSpec norms,
    boolean parallel,
    float logitCap) {

  /** Whether neurons are exactly zero for some inputs, so that they can be skipped. */
  public boolean sparse() {
    return feedForward.sparse();
  }

  /**
   * Bytes of key-value cache that one position takes.
   *
   * @throws IllegalArgumentException if the model's heads cannot be stored so
   */
  public long cacheBytesPerToken(KeyValueType type) {
    return 2L * layers * attention.keyValueHeads() * type.bytes(attention.headSize());
  }
}
