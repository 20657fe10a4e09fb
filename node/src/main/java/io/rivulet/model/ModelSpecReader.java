package io.rivulet.model;

import io.rivulet.kernels.Activation;
import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads and checks a model's hyper-parameters.
 *
 * <p>Keys are those of the GGUF specification. One more is understood: {@code
 * <architecture>.hidden_activation} names the FFN's function where it is not the architecture's
 * usual one, as in ReLU-fied models: {@code silu}, {@code gelu} (the tanh form, as ggml computes
 * it), {@code relu} or {@code relu2}.
 */
final class ModelSpecReader {

  private static final String ARCHITECTURE_KEY = "general.architecture";
  private static final int MOST_LAYERS = 1024;
  private static final int MOST_CONTEXT = 1 << 24;
  private static final int MOST_WIDTH = 1 << 20;
  private static final int MOST_HEADS = 4096;

  private static final Map<String, Activation> ACTIVATIONS =
      Map.of(
          "silu", Activation.SILU,
          "gelu", Activation.GELU,
          "relu", Activation.RELU,
          "relu2", Activation.RELU_SQUARED);

  private final ModelFile file;
  private final GgufMetadata metadata;
  private final Architecture architecture;

  private ModelSpecReader(ModelFile file) {
    this.file = file;
    metadata = file.metadata();
    architecture = architecture(metadata);
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
                        .formatted(
                            ModelFileException.quote(name),
                            Architecture.KNOWN.stream()
                                .map(Architecture::name)
                                .collect(Collectors.joining(" and ")))));
  }

  private ModelSpec read(int vocabulary) {
    int declared = metadata.integer(key("vocab_size"), 1, Integer.MAX_VALUE, vocabulary);
    if (declared != vocabulary) {
      throw metadata.invalid(
          key("vocab_size"),
          "is %d, but the tokenizer has %d tokens".formatted(declared, vocabulary));
    }
    refuseExperts();
    int width = metadata.integer(key("embedding_length"), 1, MOST_WIDTH);
    int heads = metadata.integer(key("attention.head_count"), 1, MOST_HEADS);
    int headSize = headSize(width, heads);
    return new ModelSpec(
        architecture.name(),
        metadata.text("general.name", ""),
        vocabulary,
        metadata.integer(key("context_length"), 1, MOST_CONTEXT),
        width,
        metadata.integer(key("block_count"), 1, MOST_LAYERS),
        heads,
        keyValueHeads(heads),
        headSize,
        metadata.integer(key("feed_forward_length"), 1, MOST_WIDTH),
        file.tensor("blk.0.ffn_gate.weight").isPresent(),
        activation(),
        architecture.normalization(),
        epsilon(),
        architecture.ropeLayout(),
        rotaryDims(headSize),
        ropeBase(),
        ropeFactor());
  }

  private String key(String suffix) {
    return architecture.name() + "." + suffix;
  }

  private void refuseExperts() {
    String key = key("expert_count");
    int experts = metadata.integer(key, 0, Integer.MAX_VALUE, 0);
    if (experts > 0) {
      throw metadata.invalid(
          key,
          "is %d, but mixtures of experts are not computed by this version".formatted(experts));
    }
  }

  private int headSize(int width, int heads) {
    String keyLength = key("attention.key_length");
    String valueLength = key("attention.value_length");
    int size;
    if (metadata.contains(keyLength)) {
      size = metadata.integer(keyLength, 1, MOST_WIDTH);
    } else if (width % heads == 0) {
      size = width / heads;
    } else {
      throw metadata.invalid(
          key("attention.head_count"),
          "is %d, which does not divide %s %d".formatted(heads, key("embedding_length"), width));
    }
    int values = metadata.integer(valueLength, 1, MOST_WIDTH, size);
    if (values != size) {
      throw metadata.invalid(
          valueLength, "is %d, but heads of keys have size %d".formatted(values, size));
    }
    return size;
  }

  private int keyValueHeads(int heads) {
    String key = key("attention.head_count_kv");
    int keyValueHeads = metadata.integer(key, 1, heads, heads);
    if (heads % keyValueHeads != 0) {
      throw metadata.invalid(
          key, "is %d, which does not divide the %d heads".formatted(keyValueHeads, heads));
    }
    return keyValueHeads;
  }

  private Activation activation() {
    String key = key("hidden_activation");
    if (!metadata.contains(key)) {
      return architecture.activation();
    }
    String name = metadata.text(key);
    if (!ACTIVATIONS.containsKey(name)) {
      throw metadata.invalid(
          key,
          "is %s, but this version computes only %s"
              .formatted(
                  ModelFileException.quote(name),
                  ACTIVATIONS.keySet().stream().sorted().collect(Collectors.joining(", "))));
    }
    return ACTIVATIONS.get(name);
  }

  private float epsilon() {
    String key = key(architecture.epsilonKey());
    double epsilon = metadata.real(key);
    if (!(epsilon >= 0 && epsilon <= 1)) {
      throw metadata.invalid(key, "is %s, expected from 0 to 1".formatted(epsilon));
    }
    return (float) epsilon;
  }

  private int rotaryDims(int headSize) {
    String key = key("rope.dimension_count");
    int dims = metadata.integer(key, 2, headSize, headSize);
    if (dims % 2 != 0) {
      throw metadata.invalid(key, "is %d, but elements turn in pairs".formatted(dims));
    }
    return dims;
  }

  private double ropeBase() {
    return positive("rope.freq_base", 10_000);
  }

  private double ropeFactor() {
    String key = key("rope.scaling.type");
    String type = metadata.text(key, "linear");
    return switch (type) {
      case "none" -> 1;
      case "linear" -> positive("rope.scaling.factor", positive("rope.scale_linear", 1));
      default ->
          throw metadata.invalid(
              key,
              "is %s, but this version computes only none and linear"
                  .formatted(ModelFileException.quote(type)));
    };
  }

  private double positive(String suffix, double missing) {
    double value = metadata.real(key(suffix), missing);
    if (!(value > 0)) {
      throw metadata.invalid(key(suffix), "is %s, expected more than 0".formatted(value));
    }
    return value;
  }
}
