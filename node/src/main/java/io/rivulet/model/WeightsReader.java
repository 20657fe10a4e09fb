package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.model.Architecture.Trait;
import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.profile.NeuronOrder;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes a model's tensors out of a file, by the names of the GGUF specification, and holds every
 * shape against the spec. Fused matrices are cut by rows, and a {@link WeightLayout} says where
 * each goes; vectors become float32.
 *
 * <p>A tensor that nobody asked for is refused: it would mean a computation that is not done here.
 */
final class WeightsReader {

  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";
  private static final String SCALE = ".scale";
  private static final String DIVISORS = "rope_freqs.weight";
  private static final String SHORT_DIVISORS = "rope_factors_short.weight";
  private static final String LONG_DIVISORS = "rope_factors_long.weight";

  private final ModelFile file;
  private final ModelSpec spec;
  private final Architecture architecture;
  private final Arena arena;
  private final WeightLayout layout;
  private final List<Optional<NeuronOrder>> orders;
  private final Set<String> taken = new HashSet<>();

  private WeightsReader(
      ModelFile file,
      ModelSpec spec,
      Arena arena,
      WeightLayout layout,
      List<Optional<NeuronOrder>> orders) {
    this.file = file;
    this.spec = spec;
    architecture = ModelSpecReader.architecture(file.metadata());
    this.arena = arena;
    this.layout = layout;
    this.orders = orders;
  }

  /**
   * The weights of the file's model.
   *
   * @param arena owns what is copied; the rest lives as long as the file is open
   * @param layout says how matrices are laid out
   * @param orders that each layer's gate and up may lie in; empty if none has any
   * @throws ModelFileException if a tensor is missing, unknown, of another shape than the spec asks
   *     for, or of a type without a kernel
   */
  static Weights read(
      ModelFile file,
      ModelSpec spec,
      Arena arena,
      WeightLayout layout,
      List<Optional<NeuronOrder>> orders) {
    return new WeightsReader(file, spec, arena, layout, orders).read();
  }

  /** As the other, in the file's order. */
  static Weights read(ModelFile file, ModelSpec spec, Arena arena, WeightLayout layout) {
    return new WeightsReader(file, spec, arena, layout, List.of()).read();
  }

  private Weights read() {
    Matrix embedding = matrix("token_embd", spec.vocabulary(), spec.width());
    Optional<Matrix> positions =
        spec.rope().isPresent()
            ? Optional.empty()
            : Optional.of(matrix("position_embd", spec.context(), spec.width()));
    List<LayerWeights> layers = new ArrayList<>();
    for (int i = 0; i < spec.layers(); i++) {
      String prefix = "blk." + i + ".";
      layers.add(new LayerWeights(attention(prefix), feedForward(prefix, order(i))));
    }
    Norm outputNorm = norm("output_norm", spec.width());
    Linear output = output(embedding);
    float[] divisors = frequencyDivisors();
    refuseTheRest();
    return new Weights(embedding, positions, divisors, List.copyOf(layers), outputNorm, output);
  }

  private Optional<NeuronOrder> order(int layer) {
    return orders.isEmpty() ? Optional.empty() : orders.get(layer);
  }

  private Linear output(Matrix embedding) {
    boolean tied = !has("output" + WEIGHT);
    Matrix matrix = tied ? embedding : matrix("output", spec.vocabulary(), spec.width());
    return layout.linear(
        new StoredLinear(matrix, 1, optionalVector("output" + BIAS, spec.vocabulary())));
  }

  private AttentionWeights attention(String prefix) {
    AttentionSpec attention = spec.attention();
    int queryWidth = attention.queryWidth();
    int keyWidth = attention.keyValueWidth();
    int headSize = attention.headSize();
    boolean fused = has(prefix + "attn_qkv" + WEIGHT);
    boolean second = architecture.has(Trait.PARALLEL) && has(prefix + "attn_norm_2" + WEIGHT);
    Norm norm = norm(prefix + (second ? "attn_norm_2" : "attn_norm"), spec.width());
    Linear query;
    Linear key;
    Linear value;
    if (fused) {
      StoredLinear all = stored(prefix + "attn_qkv", queryWidth + 2 * keyWidth, spec.width());
      query = layout.linear(rows(all, 0, queryWidth));
      key = layout.linear(rows(all, queryWidth, queryWidth + keyWidth));
      value = layout.linear(rows(all, queryWidth + keyWidth, queryWidth + 2 * keyWidth));
    } else {
      query = linear(prefix + "attn_q", queryWidth, spec.width());
      key = linear(prefix + "attn_k", keyWidth, spec.width());
      value = linear(prefix + "attn_v", keyWidth, spec.width());
    }
    NormSpec norms = spec.norms();
    return new AttentionWeights(
        norm,
        query,
        key,
        value,
        normIf(norms.heads(), prefix + "attn_q_norm", headSize),
        normIf(norms.heads(), prefix + "attn_k_norm", headSize),
        normIf(norms.inner(), prefix + "attn_sub_norm", queryWidth),
        linear(prefix + "attn_output", spec.width(), queryWidth),
        normIf(norms.after(), prefix + "post_attention_norm", spec.width()));
  }

  private FeedForwardWeights feedForward(String prefix, Optional<NeuronOrder> order) {
    Norm norm = norm(prefix + (spec.parallel() ? "attn_norm" : "ffn_norm"), spec.width());
    List<StoredLinear> gateAndUp = gateAndUp(prefix);
    Optional<NeuronOrder> applied =
        order.filter(each -> gateAndUp.stream().allMatch(layout::orders));
    List<Linear> laidOut = gateAndUp.stream().map(each -> layout.neurons(each, applied)).toList();
    Matrix down = matrix(prefix + "ffn_down", spec.width(), spec.neurons());
    Optional<FloatTensor> bias = optionalVector(prefix + "ffn_down" + BIAS, spec.width());
    return new FeedForwardWeights(
        norm,
        laidOut.size() > 1 ? Optional.of(laidOut.getFirst()) : Optional.empty(),
        laidOut.getLast(),
        applied,
        innerNorm(prefix),
        layout.down(new StoredLinear(down, 1, bias)),
        normIf(spec.norms().after(), prefix + "post_ffw_norm", spec.width()));
  }

  /** Gate, where there is one, and up. */
  private List<StoredLinear> gateAndUp(String prefix) {
    int neurons = spec.neurons();
    if (architecture.has(Trait.GATE_IN_UP)) {
      StoredLinear both = stored(prefix + "ffn_up", 2 * neurons, spec.width());
      return List.of(rows(both, 0, neurons), rows(both, neurons, 2 * neurons));
    }
    StoredLinear up = stored(prefix + "ffn_up", neurons, spec.width());
    return spec.feedForward().gated()
        ? List.of(stored(prefix + "ffn_gate", neurons, spec.width()), up)
        : List.of(up);
  }

  /** What down is to be multiplied by is in the weights of the norm before it. */
  private Optional<Norm> innerNorm(String prefix) {
    Optional<Norm> norm = normIf(spec.norms().inner(), prefix + "ffn_sub_norm", spec.neurons());
    float scale = scale(prefix + "ffn_down");
    norm.map(Norm::weight)
        .ifPresent(
            weight -> {
              for (int i = 0; i < weight.cols(); i++) {
                weight.set(0, i, weight.get(0, i) * scale);
              }
            });
    return norm;
  }

  /** The rows of a fused tensor from {@code from} to {@code to} - 1. */
  private StoredLinear rows(StoredLinear all, int from, int to) {
    return new StoredLinear(
        all.weight().rowRange(from, to),
        all.scale(),
        all.bias().map(bias -> FloatTensor.of(arena, Arrays.copyOfRange(bias.row(0), from, to))));
  }

  private Optional<Norm> normIf(boolean there, String name, int size) {
    return there ? Optional.of(norm(name, size)) : Optional.empty();
  }

  private Norm norm(String name, int size) {
    return switch (spec.norms().kind()) {
      case LAYER -> new Norm(vector(name + WEIGHT, size), Optional.of(vector(name + BIAS, size)));
      case ROOT_MEAN_SQUARE -> new Norm(vector(name + WEIGHT, size), Optional.empty());
    };
  }

  private Linear linear(String name, int outputs, int inputs) {
    return layout.linear(stored(name, outputs, inputs));
  }

  private StoredLinear stored(String name, int outputs, int inputs) {
    return new StoredLinear(
        matrix(name, outputs, inputs), scale(name), optionalVector(name + BIAS, outputs));
  }

  /** BitNet's files may keep what ternary weights are multiplied by as a tensor of one number. */
  private float scale(String name) {
    boolean there = spec.norms().inner() && has(name + SCALE);
    return there ? vector(name + SCALE, 1).get(0, 0) : 1;
  }

  private boolean has(String tensor) {
    return file.tensor(tensor).isPresent();
  }

  private Matrix matrix(String name, int rows, int cols) {
    taken.add(name + WEIGHT);
    return file.matrix(name + WEIGHT, rows, cols);
  }

  private Optional<FloatTensor> optionalVector(String name, int length) {
    return has(name) ? Optional.of(vector(name, length)) : Optional.empty();
  }

  private FloatTensor vector(String name, int length) {
    taken.add(name);
    Matrix stored = file.matrix(name, 1, length);
    FloatTensor vector = FloatTensor.allocate(arena, 1, length);
    WeightCodec.decodeRow(stored, 0, vector, 0);
    return vector;
  }

  /**
   * Those of Llama 3.1, or of LongRoPE (arXiv:2402.13753), which has some for sequences up to the
   * original context and others for longer ones. A model whose context was extended takes those for
   * long sequences from the first token on: what a token is computed as must not depend on how many
   * follow.
   */
  private float[] frequencyDivisors() {
    int pairs = spec.rope().map(rope -> rope.dims() / 2).orElse(0);
    float[] divisors = new float[pairs];
    Arrays.fill(divisors, 1);
    if (!architecture.has(Trait.FREQUENCY_DIVISORS)) {
      return divisors;
    }
    if (has(DIVISORS)) {
      return divisors(DIVISORS, pairs);
    }
    String scaling = file.metadata().text(spec.architecture() + ".rope.scaling.type", "");
    if (scaling.equals("longrope") || has(LONG_DIVISORS) || has(SHORT_DIVISORS)) {
      float[] ofShort = divisors(SHORT_DIVISORS, pairs);
      float[] ofLong = divisors(LONG_DIVISORS, pairs);
      int original = spec.rope().map(RopeSpec::originalContext).orElse(spec.context());
      return spec.context() > original ? ofLong : ofShort;
    }
    return divisors;
  }

  private float[] divisors(String name, int pairs) {
    float[] divisors = vector(name, pairs).row(0);
    for (float divisor : divisors) {
      if (!(divisor > 0 && divisor < Float.POSITIVE_INFINITY)) {
        throw file.invalid(name, "divides a frequency by %s".formatted(divisor));
      }
    }
    return divisors;
  }

  private void refuseTheRest() {
    for (GgufTensor tensor : file.tensors()) {
      if (!taken.contains(tensor.name())) {
        throw file.invalid(
            ModelFileException.quote(tensor.name()),
            "has no place in a %s model of %d layers"
                .formatted(spec.architecture(), spec.layers()));
      }
    }
  }
}
