package io.rivulet.model.huggingface;

import static io.rivulet.model.gguf.ModelFileException.quote;

import io.rivulet.model.gguf.GgufWriter;

/**
 * The FFN's function: transformers' names for those that GGUF's keys name. TurboSparse says relu
 * and means it twice (arXiv:2406.05955), by its model type.
 */
final class Activations {

  private Activations() {}

  /** Writes it where it is not the one that the architecture has anyway. */
  static void describe(ConfigFile config, Family family, GgufWriter into) {
    String member = member(config, family);
    String name = config.text(member, "gelu_pytorch_tanh");
    String ours = ours(config, member, name);
    String key = family.architecture() + ".hidden_activation";
    if (!ours.equals(family.activation())) {
      into.text(key, ours);
    }
    if (ours.equals("fatrelu")) {
      into.real(key + "_threshold", config.real("hidden_act_param"));
    }
  }

  /**
   * Gemma's {@code hidden_act} says gelu where {@code hidden_activation} is missing, and is tanh's.
   */
  private static String member(ConfigFile config, Family family) {
    return switch (family) {
      case OPT -> "activation_function";
      case FALCON -> "activation";
      case GEMMA, GEMMA2, GEMMA3 ->
          config.text("hidden_act", "gelu").equals("gelu") || config.contains("hidden_activation")
              ? "hidden_activation"
              : "hidden_act";
      case LLAMA, ARCEE, QWEN2, QWEN3, PHI3, NEMOTRON, BITNET -> "hidden_act";
    };
  }

  private static String ours(ConfigFile config, String member, String name) {
    boolean twice = config.text("model_type", "").equals("bamboo");
    if (twice && !name.equals("relu")) {
      throw unknown(config, member, name, "relu in models of type bamboo");
    }
    return switch (name) {
      case "silu", "swish" -> "silu";
      case "gelu" -> "gelu_erf";
      case "gelu_new", "gelu_pytorch_tanh", "gelu_fast" -> "gelu";
      case "relu" -> twice ? "drelu" : "relu";
      case "relu2", "relu_squared" -> "relu2";
      case "fatrelu" -> "fatrelu";
      default ->
          throw unknown(
              config,
              member,
              name,
              "silu, gelu, gelu_new, gelu_pytorch_tanh, relu, relu2 and fatrelu");
    };
  }

  private static RuntimeException unknown(
      ConfigFile config, String member, String name, String known) {
    return config.invalid(
        member, "is %s, but this version computes only %s".formatted(quote(name), known));
  }
}
