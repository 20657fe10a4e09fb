package io.rivulet.model;

import static io.rivulet.kernels.Activation.GELU;
import static io.rivulet.kernels.Activation.RELU;
import static io.rivulet.kernels.Activation.RELU_SQUARED;
import static io.rivulet.kernels.Activation.SILU;
import static io.rivulet.kernels.RopeLayout.HALVES;
import static io.rivulet.kernels.RopeLayout.INTERLEAVED;

import io.rivulet.kernels.Activation;
import io.rivulet.kernels.RopeLayout;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the name of an architecture in a GGUF file says about the computation, beyond the numbers in
 * the file. Names and meanings are llama.cpp's, but for {@code bitnet-b1.58}, which is Microsoft's
 * (arXiv:2504.12285), and {@code opt} (arXiv:2205.01068), whose positions are a tensor {@code
 * position_embd.weight}.
 *
 * @param rope which elements turn together; empty where positions are learned
 * @param activation the function in the FFN where the file names none
 * @param window what local layers are like; empty where all layers see all positions
 * @param attentionCap the soft cap of attention scores where the file names none
 * @param logitCap the soft cap of logits where the file names none
 */
record Architecture(
    String name,
    Normalization normalization,
    Optional<RopeLayout> rope,
    Activation activation,
    Set<Trait> traits,
    Optional<Window> window,
    float attentionCap,
    float logitCap) {

  /** Ways in which architectures differ. */
  enum Trait {
    /** The FFN has a gate, a tensor of its own. */
    GATED,
    /** The FFN has a gate, the first half of the tensor {@code ffn_up}. */
    GATE_IN_UP,
    /** Embeddings are multiplied by the root of the width. */
    SCALED_EMBEDDINGS,
    /** See {@link NormSpec#heads()}. */
    HEAD_NORMS,
    /** See {@link NormSpec#inner()}. */
    INNER_NORMS,
    /** See {@link NormSpec#after()}. */
    NORMS_AFTER,
    /** See {@link ModelSpec#parallel()}. */
    PARALLEL,
    /** Tensors {@code rope_freqs} or {@code rope_factors_*} may divide the frequencies. */
    FREQUENCY_DIVISORS,
    /** All layers see all positions even if the file names a window. */
    WINDOW_UNUSED
  }

  /**
   * Local layers.
   *
   * @param size positions that they see where the file does not say; 0 for all
   * @param period every so many layers the last one is global
   * @param turnsAsGlobal whether they turn as global layers do; otherwise, by base 10000 unless the
   *     file names another, and not scaled
   * @param layersOfTheLargest the depth of the model whose scores are divided by the root of width
   *     over heads, not of the size of a head; its file does not say so
   */
  record Window(int size, int period, boolean turnsAsGlobal, int layersOfTheLargest) {}

  /** Those that Rivulet computes. */
  static final List<Architecture> KNOWN =
      List.of(
          rms("llama", INTERLEAVED, SILU, Trait.GATED, Trait.FREQUENCY_DIVISORS),
          rms("qwen2", HALVES, SILU, Trait.GATED),
          rms("qwen3", HALVES, SILU, Trait.GATED, Trait.HEAD_NORMS),
          rms("gemma", HALVES, GELU, Trait.GATED, Trait.SCALED_EMBEDDINGS),
          rms("gemma2", HALVES, GELU, Trait.GATED, Trait.SCALED_EMBEDDINGS, Trait.NORMS_AFTER)
              .local(new Window(4096, 2, true, 46), 50, 30),
          rms(
                  "gemma3",
                  HALVES,
                  GELU,
                  Trait.GATED,
                  Trait.SCALED_EMBEDDINGS,
                  Trait.HEAD_NORMS,
                  Trait.NORMS_AFTER)
              .local(new Window(0, 6, false, 62), 0, 0),
          rms(
              "phi3",
              HALVES,
              SILU,
              Trait.GATE_IN_UP,
              Trait.FREQUENCY_DIVISORS,
              Trait.WINDOW_UNUSED),
          rms("arcee", INTERLEAVED, RELU_SQUARED, Trait.FREQUENCY_DIVISORS),
          rms("bitnet", HALVES, SILU, Trait.GATED, Trait.INNER_NORMS),
          rms("bitnet-b1.58", HALVES, RELU_SQUARED, Trait.GATED, Trait.INNER_NORMS),
          layerNorm("nemotron", Optional.of(HALVES), RELU_SQUARED),
          layerNorm("falcon", Optional.of(HALVES), GELU, Trait.PARALLEL),
          layerNorm("opt", Optional.empty(), RELU));

  Architecture {
    traits = Set.copyOf(traits);
  }

  /** Names for a message. */
  static String names() {
    return KNOWN.stream().map(Architecture::name).collect(Collectors.joining(", "));
  }

  boolean has(Trait trait) {
    return traits.contains(trait);
  }

  private static Architecture rms(
      String name, RopeLayout rope, Activation activation, Trait... traits) {
    return of(name, Normalization.ROOT_MEAN_SQUARE, Optional.of(rope), activation, traits);
  }

  private static Architecture layerNorm(
      String name, Optional<RopeLayout> rope, Activation activation, Trait... traits) {
    return of(name, Normalization.LAYER, rope, activation, traits);
  }

  private static Architecture of(
      String name,
      Normalization normalization,
      Optional<RopeLayout> rope,
      Activation activation,
      Trait... traits) {
    return new Architecture(
        name, normalization, rope, activation, Set.of(traits), Optional.empty(), 0, 0);
  }

  private Architecture local(Window local, float attention, float logits) {
    return new Architecture(
        name, normalization, rope, activation, traits, Optional.of(local), attention, logits);
  }
}
