package io.rivulet.model.gguf;

import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightType;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;

/**
 * A model as a GGUF file describes it: key-value pairs and tensors, by the names of the GGUF
 * specification. Whatever the model is stored as, the rest of the program sees this. Whoever opened
 * it closes it, once nothing computes with its tensors any more.
 */
public interface ModelFile extends AutoCloseable {

  /** The path it was opened by. */
  Path path();

  /** Bytes of all that belongs to the model. */
  long fileSize();

  /** The key-value pairs. */
  GgufMetadata metadata();

  /** All tensors, in the order in which they are stored. */
  Collection<GgufTensor> tensors();

  /** The tensor of that name. */
  Optional<GgufTensor> tensor(String name);

  /**
   * A tensor as weights to compute with. A vector is a matrix with one row.
   *
   * @throws ModelFileException if the tensor is missing, its shape is another, or the kernels do
   *     not know its type
   */
  default Matrix matrix(String name, int rows, int cols) {
    GgufTensor tensor =
        tensor(name)
            .orElseThrow(
                () -> invalid(name, "is missing, expected %d x %d values".formatted(cols, rows)));
    if (tensor.dimensions().size() > 2 || tensor.cols() != cols || tensor.rows() != rows) {
      throw invalid(name, "is %s, expected %d x %d".formatted(tensor.shape(), cols, rows));
    }
    WeightType type =
        tensor.type().weightType().orElseThrow(() -> withoutKernel(name, tensor.type()));
    return new Matrix(type, rows, cols, tensor.data());
  }

  private ModelFileException withoutKernel(String tensor, GgmlType type) {
    if (type == GgmlType.I2_S) {
      return new ModelFileException(
          path(),
          "tensor %s has type I2_S, whose layout depends on the machine that wrote it"
              .formatted(tensor),
          "convert the model to TQ2_0 or TQ1_0");
    }
    return new ModelFileException(
        path(),
        "tensor %s has type %s, which cannot be computed with".formatted(tensor, type),
        "convert the model to one of " + Arrays.toString(WeightType.values()));
  }

  /** What to throw where a tensor makes no sense: "tensor T PROBLEM". */
  default ModelFileException invalid(String tensor, String problem) {
    return new ModelFileException(
        path(),
        "tensor " + tensor + " " + problem,
        "convert the model to GGUF again with a current converter");
  }

  @Override
  void close();
}
