package io.rivulet.model;

import io.rivulet.model.Architecture.Trait;
import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import java.util.Map;

/**
 * Reads and checks a model's hyper-parameters.
 *
 * <p>Keys are those of the GGUF specification, and mean the same in every architecture. Two more
 * are understood, {@code <architecture>.hidden_activation}, which names the FFN's function where it
 * is not the architecture's usual one, as in ReLU-fied models: {@code silu}, {@code gelu} (the tanh
 * form, as ggml computes it), {@code gelu_erf}, {@code relu}, {@code relu2}, {@code fatrelu} or
 * {@code drelu}; and {@code <architecture>.hidden_activation_threshold}, that of {@code fatrelu}.
 *
 * <p>A key that asks for what is not computed is refused.
 */
final class ModelSpecReader {

  private static final String ARCHITECTURE_KEY = "general.architecture";
  private static final int MOST_LAYERS = 1024;
  private static final int MOST_CONTEXT = 1 << 24;

  /** Numbers that no computation here depends on, and the value that changes nothing. */
  private static final Map<String, Double> UNUSED =
      Map.of(
          "attention.max_alibi_bias", 0.0,
          "attention.clamp_kqv", 0.0,
          "embedding_scale", 1.0,
          "residual_scale", 1.0,
          "logit_scale", 1.0,
          "rope.scaling.alpha", 0.0,
          "rope.scaling.yarn_log_multiplier", 0.0);

  private final GgufMetadata metadata;
  private final Architecture architecture;
  private final SpecKeys keys;

  private ModelSpecReader(ModelFile file) {
    metadata = file.metadata();
    architecture = architecture(metadata);
    keys = new SpecKeys(metadata, architecture.name());
  }

  /**
   * The spec of a file's model.
   *
   * @param vocabulary tokens that the file's tokenizer has
   * @throws ModelFileException if the architecture is not known, a value is missing, out of range
   *     or at odds with another
   */
  static ModelSpec read(ModelFile file, int vocabulary) {
    return new ModelSpecReader(file).read(vocabulary);
  }

  static Architecture architecture(GgufMetadata metadata) {
    String name = metadata.text(ARCHITECTURE_KEY);
    return Architecture.KNOWN.stream()
        .filter(known -> known.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                metadata.invalid(
                    ARCHITECTURE_KEY,
                    "is %s, but this version computes only %s"
                        .formatted(ModelFileException.quote(name), Architecture.names())));
  }

  private ModelSpec read(int vocabulary) {
    int declared = keys.integer("vocab_size", 1, Integer.MAX_VALUE, vocabulary);
    if (declared != vocabulary) {
      throw keys.invalid(
          "vocab_size", "is %d, but the tokenizer has %d tokens".formatted(declared, vocabulary));
    }
    refuseWhatIsNotComputed();
    int width = keys.integer("embedding_length", 1, SpecKeys.MOST_WIDTH);
    int context = keys.integer("context_length", 1, MOST_CONTEXT);
    int layers = keys.integer("block_count", 1, MOST_LAYERS);
    AttentionSpec attention = AttentionSpecReader.read(keys, architecture, width, layers, context);
    return new ModelSpec(
        architecture.name(),
        metadata.text("general.name", ""),
        vocabulary,
        context,
        width,
        layers,
        keys.integer("feed_forward_length", 1, SpecKeys.MOST_WIDTH),
        architecture.has(Trait.SCALED_EMBEDDINGS) ? (float) Math.sqrt(width) : 1,
        architecture
            .rope()
            .map(
                layout ->
                    RopeSpecReader.read(keys, architecture, layout, attention.headSize(), context)),
        attention,
        FeedForwardSpecReader.read(keys, architecture),
        norms(),
        architecture.has(Trait.PARALLEL),
        keys.notNegative("final_logit_softcapping", architecture.logitCap()));
  }

  private void refuseWhatIsNotComputed() {
    int experts = keys.integer("expert_count", 0, Integer.MAX_VALUE, 0);
    if (experts > 0) {
      throw keys.invalid(
          "expert_count",
          "is %d, but mixtures of experts are not computed by this version".formatted(experts));
    }
    if (!metadata.bool(keys.key("attention.causal"), true)) {
      throw keys.invalid(
          "attention.causal", "is false, but this version computes only causal attention");
    }
    UNUSED.forEach(
        (suffix, neutral) -> {
          double value = keys.real(suffix, neutral);
          if (value != neutral) {
            throw keys.invalid(
                suffix, "is %s, but this version computes only %s".formatted(value, neutral));
          }
        });
  }

  private NormSpec norms() {
    String suffix =
        switch (architecture.normalization()) {
          case LAYER -> "attention.layer_norm_epsilon";
          case ROOT_MEAN_SQUARE -> "attention.layer_norm_rms_epsilon";
        };
    double epsilon = metadata.real(keys.key(suffix));
    if (!(epsilon >= 0 && epsilon <= 1)) {
      throw keys.invalid(suffix, "is %s, expected from 0 to 1".formatted(epsilon));
    }
    return new NormSpec(
        architecture.normalization(),
        (float) epsilon,
        architecture.has(Trait.HEAD_NORMS),
        architecture.has(Trait.INNER_NORMS),
        architecture.has(Trait.NORMS_AFTER));
  }
}
