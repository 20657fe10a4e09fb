package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.Rotations;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes a model's tensors out of a file, by the names of the GGUF specification, and holds every
 * shape against the spec. Matrices stay where they are mapped, except that the down projections of
 * sparse models are transposed (see RATIONALE.md); vectors become float32.
 *
 * <p>A tensor that nobody asked for is refused: it would mean a computation that is not done here.
 */
final class WeightsReader {

  private static final String WEIGHT = ".weight";
  private static final String BIAS = ".bias";
  private static final String FREQUENCY_FACTORS = "rope_freqs.weight";

  private final ModelFile file;
  private final ModelSpec spec;
  private final Arena arena;
  private final DownReader downs;
  private final Set<String> taken = new HashSet<>();

  private WeightsReader(ModelFile file, ModelSpec spec, Arena arena) {
    this.file = file;
    this.spec = spec;
    this.arena = arena;
    downs = new DownReader(spec, arena);
  }

  /**
   * The weights of the file's model.
   *
   * @param arena owns what is copied; the rest lives as long as the file is open
   * @throws ModelFileException if a tensor is missing, unknown, of another shape than the spec asks
   *     for, or of a type without a kernel
   */
  static Weights read(ModelFile file, ModelSpec spec, Arena arena) {
    return new WeightsReader(file, spec, arena).read();
  }

  private Weights read() {
    Matrix embedding = matrix("token_embd", spec.vocabulary(), spec.width());
    List<LayerWeights> layers = new ArrayList<>();
    for (int i = 0; i < spec.layers(); i++) {
      layers.add(layer("blk." + i + "."));
    }
    downs.report();
    Norm outputNorm = norm("output_norm");
    boolean tied = !file.tensor("output" + WEIGHT).isPresent();
    Matrix output = tied ? embedding : matrix("output", spec.vocabulary(), spec.width());
    float[] frequencies = frequencies();
    refuseTheRest();
    return new Weights(embedding, frequencies, List.copyOf(layers), outputNorm, output);
  }

  private LayerWeights layer(String prefix) {
    return new LayerWeights(
        norm(prefix + "attn_norm"),
        linear(prefix + "attn_q", spec.queryWidth(), spec.width()),
        linear(prefix + "attn_k", spec.keyValueWidth(), spec.width()),
        linear(prefix + "attn_v", spec.keyValueWidth(), spec.width()),
        linear(prefix + "attn_output", spec.width(), spec.queryWidth()),
        norm(prefix + "ffn_norm"),
        spec.gated()
            ? Optional.of(linear(prefix + "ffn_gate", spec.neurons(), spec.width()))
            : Optional.empty(),
        linear(prefix + "ffn_up", spec.neurons(), spec.width()),
        downs.read(linear(prefix + "ffn_down", spec.width(), spec.neurons())));
  }

  private Norm norm(String name) {
    return switch (spec.normalization()) {
      case LAYER ->
          new Norm(
              vector(name + WEIGHT, spec.width()), Optional.of(vector(name + BIAS, spec.width())));
      case ROOT_MEAN_SQUARE -> new Norm(vector(name + WEIGHT, spec.width()), Optional.empty());
    };
  }

  private Linear linear(String name, int outputs, int inputs) {
    return new Linear(matrix(name, outputs, inputs), optionalVector(name + BIAS, outputs));
  }

  private Matrix matrix(String name, int rows, int cols) {
    taken.add(name + WEIGHT);
    return file.matrix(name + WEIGHT, rows, cols);
  }

  private Optional<FloatTensor> optionalVector(String name, int length) {
    return file.tensor(name).isPresent() ? Optional.of(vector(name, length)) : Optional.empty();
  }

  private FloatTensor vector(String name, int length) {
    taken.add(name);
    FloatTensor vector = FloatTensor.allocate(arena, 1, length);
    WeightCodec.decodeRow(file.matrix(name, 1, length), 0, vector, 0);
    return vector;
  }

  /** Linear scaling divides every frequency alike, the tensor (Llama 3.1) each by a factor. */
  private float[] frequencies() {
    float[] frequencies = Rotations.frequencies(spec.rotaryDims(), spec.ropeBase());
    float[] factors = new float[frequencies.length];
    Arrays.fill(factors, 1);
    boolean scaled = ModelSpecReader.architecture(file.metadata()).scaledFrequencies();
    if (scaled && file.tensor(FREQUENCY_FACTORS).isPresent()) {
      factors = vector(FREQUENCY_FACTORS, frequencies.length).row(0);
    }
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) (frequencies[i] / factors[i] / spec.ropeFactor());
    }
    return frequencies;
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
