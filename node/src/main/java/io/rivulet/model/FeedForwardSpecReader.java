package io.rivulet.model;

import io.rivulet.kernels.Activation;
import io.rivulet.model.Architecture.Trait;
import io.rivulet.model.gguf.ModelFileException;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads what a model's FFN computes. */
final class FeedForwardSpecReader {

  private static final String ACTIVATION = "hidden_activation";
  private static final String THRESHOLD = "hidden_activation_threshold";
  private static final String FATRELU = "fatrelu";
  private static final String DRELU = "drelu";

  private static final Map<String, Activation> ACTIVATIONS =
      Map.of(
          "silu",
          Activation.SILU,
          "gelu",
          Activation.GELU,
          "gelu_erf",
          Activation.GELU_ERF,
          "relu",
          Activation.RELU,
          "relu2",
          Activation.RELU_SQUARED,
          FATRELU,
          Activation.RELU,
          DRELU,
          Activation.RELU);

  private FeedForwardSpecReader() {}

  static FeedForwardSpec read(SpecKeys keys, Architecture architecture) {
    boolean gated = architecture.has(Trait.GATED) || architecture.has(Trait.GATE_IN_UP);
    String name = keys.text(ACTIVATION, "");
    boolean fatRelu = name.equals(FATRELU);
    boolean dRelu = name.equals(DRELU);
    if (dRelu && !gated) {
      throw keys.invalid(
          ACTIVATION, "is 'drelu', but FFNs of %s have no gate".formatted(architecture.name()));
    }
    if (keys.contains(THRESHOLD) && !fatRelu) {
      throw keys.invalid(
          THRESHOLD, "is there, but %s is not 'fatrelu'".formatted(keys.key(ACTIVATION)));
    }
    return new FeedForwardSpec(
        gated,
        keys.contains(ACTIVATION) ? activation(keys, name) : architecture.activation(),
        fatRelu ? threshold(keys) : 0,
        dRelu);
  }

  private static Activation activation(SpecKeys keys, String name) {
    if (!ACTIVATIONS.containsKey(name)) {
      throw keys.invalid(
          ACTIVATION,
          "is %s, but this version computes only %s"
              .formatted(
                  ModelFileException.quote(name),
                  ACTIVATIONS.keySet().stream().sorted().collect(Collectors.joining(", "))));
    }
    return ACTIVATIONS.get(name);
  }

  private static float threshold(SpecKeys keys) {
    if (!keys.contains(THRESHOLD)) {
      throw keys.invalid(THRESHOLD, "is missing, but the activation is 'fatrelu'");
    }
    return keys.notNegative(THRESHOLD, 0);
  }
}
