package io.rivulet.model.profile;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.safetensors.SafetensorsFile;
import io.rivulet.model.safetensors.SafetensorsType;
import io.rivulet.model.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A profile as a safetensors file. Its metadata is a JSON object under {@code
 * rivulet.sparsity_profile}; for each layer N there are {@code layers.N.down_norms} and {@code
 * layers.N.thresholds}, and there may be {@code layers.N.predictor.in}, {@code .out} and {@code
 * .bias}, and {@code layers.N.order}.
 */
public final class SparsityProfileFile {

  private static final String DOWN_NORMS = "down_norms";
  private static final String THRESHOLDS = "thresholds";
  private static final String PREDICTOR_IN = "predictor.in";
  private static final String PREDICTOR_OUT = "predictor.out";
  private static final String PREDICTOR_BIAS = "predictor.bias";
  private static final String ORDER = "order";

  private static final String ANOTHER_MEND = "give the path of a file that calibrate wrote";
  private static final byte[] GGUF = {'G', 'G', 'U', 'F'};

  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private SparsityProfileFile() {}

  /**
   * Whether a file is a profile, if not a sound one.
   *
   * @throws ModelFileException if it is a damaged safetensors file
   */
  public static boolean recognises(Path path) {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (var in = Files.newInputStream(path);
        Arena arena = Arena.ofConfined()) {
      byte[] head = in.readNBytes(Long.BYTES + 1);
      boolean gguf = ByteBuffer.wrap(head).mismatch(ByteBuffer.wrap(GGUF)) == GGUF.length;
      return head.length > Long.BYTES
          && head[Long.BYTES] == '{'
          && !gguf
          && SafetensorsFile.open(path, arena).metadata().containsKey(ProfileMetadata.KEY);
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Reads a profile and checks all of it, whatever model it is of.
   *
   * @param arena owns its memory; open to all threads that will use it
   * @throws ModelFileException if the file is not there or is not a sound profile
   */
  public static SparsityProfile read(Path path, Arena arena) {
    if (!Files.exists(path)) {
      throw new ModelFileException(path, "does not exist", ANOTHER_MEND);
    }
    SafetensorsFile file = SafetensorsFile.open(path, arena);
    Optional<String> json = Optional.ofNullable(file.metadata().get(ProfileMetadata.KEY));
    ProfileMetadata metadata =
        ProfileMetadata.parse(
            path,
            json.orElseThrow(
                () ->
                    new ModelFileException(
                        path,
                        "is no sparsity profile: it has no metadata " + ProfileMetadata.KEY,
                        ANOTHER_MEND)));
    var tensors = new ProfileTensors(file, arena);
    SparsityProfile profile =
        ProfileFields.checked(path, "profile", () -> profile(metadata, tensors));
    tensors.refuseTheRest();
    return profile;
  }

  /**
   * Reads a model's profile.
   *
   * @param arena owns its memory; open to all threads that will use it
   * @throws ModelFileException if the file is not there, is not a sound profile, or is one of
   *     another model
   */
  public static SparsityProfile read(Path path, ProfiledModel model, Arena arena) {
    SparsityProfile profile = read(path, arena);
    ModelFingerprint fingerprint = profile.source().model();
    if (!fingerprint.equals(model.fingerprint())) {
      throw another(
          path,
          "field model_sha256 is %s, but the model has %s"
              .formatted(fingerprint.sha256(), model.fingerprint().sha256()));
    }
    int neurons = profile.layers().getFirst().neurons();
    if (profile.layers().size() != model.layers() || neurons != model.neurons()) {
      throw another(
          path,
          "has %d layers of %d neurons, but the model has %d of %d"
              .formatted(profile.layers().size(), neurons, model.layers(), model.neurons()));
    }
    for (LayerProfile layer : profile.layers()) {
      layer
          .predictor()
          .filter(predictor -> predictor.in().cols() != model.width())
          .ifPresent(
              predictor -> {
                throw another(
                    path,
                    "has a predictor that reads %d numbers, but the model is %d wide"
                        .formatted(predictor.in().cols(), model.width()));
              });
    }
    return profile;
  }

  private static ModelFileException another(Path path, String problem) {
    return new ModelFileException(
        path,
        problem + ": it is the profile of another model",
        "calibrate this model, or give the model that the profile is of");
  }

  private static SparsityProfile profile(ProfileMetadata metadata, ProfileTensors tensors) {
    var layers = new ArrayList<LayerProfile>();
    for (int i = 0; i < metadata.layers().size(); i++) {
      layers.add(layer("layers." + i + ".", metadata.layers().get(i), tensors));
    }
    return new SparsityProfile(
        metadata.source(),
        metadata.densePerplexity(),
        metadata.points(),
        metadata.chosen(),
        metadata.prediction(),
        layers);
  }

  private static LayerProfile layer(
      String prefix, ProfileMetadata.Layer layer, ProfileTensors tensors) {
    int neurons = tensors.dimension(prefix + DOWN_NORMS, 0);
    return new LayerProfile(
        tensors.vector(prefix + DOWN_NORMS, neurons, 0),
        tensors.vector(prefix + THRESHOLDS, layer.densities().size(), 0),
        layer.densities(),
        layer.quality().map(quality -> predictor(prefix, neurons, quality, tensors)),
        layer.window(),
        tensors.has(prefix + ORDER)
            ? Optional.of(tensors.order(prefix + ORDER, neurons))
            : Optional.empty(),
        layer.dense());
  }

  private static PredictorWeights predictor(
      String prefix, int neurons, PredictionQuality quality, ProfileTensors tensors) {
    int rank = tensors.dimension(prefix + PREDICTOR_IN, 0);
    int width = tensors.dimension(prefix + PREDICTOR_IN, 1);
    return new PredictorWeights(
        tensors.matrix(prefix + PREDICTOR_IN, rank, width, SafetensorsType.F32),
        tensors.matrix(
            prefix + PREDICTOR_OUT, neurons, rank, SafetensorsType.F32, SafetensorsType.F16),
        tensors.vector(prefix + PREDICTOR_BIAS, neurons, Float.NEGATIVE_INFINITY),
        quality);
  }

  /** Writes a profile, over a file that is there, so that nobody sees half of it. */
  public static void write(SparsityProfile profile, Path path) throws IOException {
    var writer = new SafetensorsWriter();
    writer.metadata(ProfileMetadata.KEY, ProfileMetadata.of(profile).toJson());
    for (int i = 0; i < profile.layers().size(); i++) {
      String prefix = "layers." + i + ".";
      LayerProfile layer = profile.layers().get(i);
      put(writer, prefix + DOWN_NORMS, layer.downNorms());
      put(writer, prefix + THRESHOLDS, layer.thresholds());
      layer
          .predictor()
          .ifPresent(
              predictor -> {
                put(writer, prefix + PREDICTOR_IN, predictor.in());
                put(writer, prefix + PREDICTOR_OUT, predictor.out());
                put(writer, prefix + PREDICTOR_BIAS, predictor.bias());
              });
      layer.order().ifPresent(order -> put(writer, prefix + ORDER, order));
    }
    writer.write(path);
  }

  private static void put(SafetensorsWriter writer, String name, FloatTensor vector) {
    long cols = vector.cols();
    MemorySegment bytes = vector.data().asSlice(0, cols * Float.BYTES);
    writer.tensor(name, SafetensorsType.F32, List.of(cols), List.of(bytes));
  }

  private static void put(SafetensorsWriter writer, String name, Matrix matrix) {
    writer.tensor(
        name,
        SafetensorsType.valueOf(matrix.type().name()),
        List.of((long) matrix.rows(), (long) matrix.cols()),
        List.of(matrix.data()));
  }

  private static void put(SafetensorsWriter writer, String name, NeuronOrder order) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[order.size() * Integer.BYTES]);
    for (int place = 0; place < order.size(); place++) {
      bytes.set(INT32, (long) place * Integer.BYTES, order.neuron(place));
    }
    writer.tensor(name, SafetensorsType.I32, List.of((long) order.size()), List.of(bytes));
  }
}
