package io.rivulet.model.profile;

import static io.rivulet.model.gguf.ModelFileException.quote;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.safetensors.SafetensorsFile;
import io.rivulet.model.safetensors.SafetensorsTensor;
import io.rivulet.model.safetensors.SafetensorsType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Takes a profile's tensors out of a file, each held against the shape it has to have. */
final class ProfileTensors {

  private static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final SafetensorsFile file;
  private final Arena arena;
  private final Set<String> taken = new HashSet<>();

  /**
   * For one file.
   *
   * @param arena owns what is copied
   */
  ProfileTensors(SafetensorsFile file, Arena arena) {
    this.file = file;
    this.arena = arena;
  }

  boolean has(String name) {
    return file.tensors().containsKey(name);
  }

  /** A dimension of a tensor, which others are then held against. */
  int dimension(String name, int index) {
    SafetensorsTensor tensor = tensor(name);
    long size = tensor.shape().size() > index ? tensor.shape().get(index) : 0;
    if (size < 1 || size > Integer.MAX_VALUE / Integer.BYTES) {
      throw invalid(name, "has shape %s".formatted(tensor.shownShape()));
    }
    return (int) size;
  }

  /** A vector of finite numbers from {@code least} on: 1 x length. */
  FloatTensor vector(String name, int length, float least) {
    SafetensorsTensor tensor = tensor(name, List.of((long) length), SafetensorsType.F32);
    FloatTensor vector = FloatTensor.allocate(arena, 1, length);
    decode(new Matrix(WeightType.F32, 1, length, tensor.data()), name, vector, 0, least);
    return vector;
  }

  /** A matrix of finite numbers, as it lies in the file. */
  Matrix matrix(String name, int rows, int cols, SafetensorsType... types) {
    SafetensorsTensor tensor = tensor(name, List.of((long) rows, (long) cols), types);
    WeightType type = WeightType.valueOf(tensor.type().name());
    Matrix matrix = new Matrix(type, rows, cols, tensor.data());
    try (Arena scratch = Arena.ofConfined()) {
      FloatTensor values = FloatTensor.allocate(scratch, 1, cols);
      for (int row = 0; row < rows; row++) {
        decode(matrix, name, values, row, Float.NEGATIVE_INFINITY);
      }
    }
    return matrix;
  }

  /** A permutation. */
  NeuronOrder order(String name, int length) {
    SafetensorsTensor tensor = tensor(name, List.of((long) length), SafetensorsType.I32);
    try {
      return new NeuronOrder(tensor.data().toArray(INT32));
    } catch (IllegalArgumentException e) {
      throw invalid(name, "is no permutation: " + e.getMessage());
    }
  }

  /**
   * Refuses tensors that nobody took.
   *
   * @throws ModelFileException if there are any
   */
  void refuseTheRest() {
    for (String name : file.tensors().sequencedKeySet()) {
      if (!taken.contains(name)) {
        throw invalid(name, "belongs to nothing that the metadata describes");
      }
    }
  }

  private void decode(Matrix matrix, String name, FloatTensor into, int row, float least) {
    WeightCodec.decodeRow(matrix, row, into, 0);
    for (float value : into.row(0)) {
      if (!Float.isFinite(value) || value < least) {
        String expected = least == 0 ? "a finite number from 0 on" : "a finite number";
        throw invalid(name, "holds %s in row %d, expected %s".formatted(value, row, expected));
      }
    }
  }

  private SafetensorsTensor tensor(String name, List<Long> shape, SafetensorsType... types) {
    SafetensorsTensor tensor = tensor(name);
    if (!tensor.shape().equals(shape) || !List.of(types).contains(tensor.type())) {
      throw invalid(
          name,
          "is %s of %s, expected %s of %s"
              .formatted(tensor.shownShape(), tensor.type(), shape, or(types)));
    }
    return tensor;
  }

  private SafetensorsTensor tensor(String name) {
    taken.add(name);
    SafetensorsTensor tensor = file.tensors().get(name);
    if (tensor == null) {
      throw invalid(name, "is missing");
    }
    return tensor;
  }

  private static String or(SafetensorsType... types) {
    return String.join(" or ", List.of(types).stream().map(SafetensorsType::name).toList());
  }

  private ModelFileException invalid(String name, String problem) {
    return new ModelFileException(
        file.path(), "tensor " + quote(name) + " " + problem, ProfileFields.MEND);
  }
}
