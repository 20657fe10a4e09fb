package io.rivulet.sparsity.calibration;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.safetensors.SafetensorsFile;
import io.rivulet.model.safetensors.SafetensorsTensor;
import io.rivulet.model.safetensors.SafetensorsType;
import io.rivulet.model.safetensors.SafetensorsWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a step of a calibration came to, as a safetensors file: matrices in F32, vectors in F64.
 *
 * @param file of it
 */
record Step(Path file) {

  /** What helps where one is damaged. */
  static final String MEND = "remove the file, and its step is done again";

  private static final ValueLayout.OfDouble FLOAT64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Adds a matrix to what is to be kept. */
  static void put(SafetensorsWriter writer, String name, FloatTensor matrix) {
    List<MemorySegment> rows = new ArrayList<>();
    for (int row = 0; row < matrix.rows(); row++) {
      long bytes = (long) matrix.cols() * Float.BYTES;
      rows.add(matrix.data().asSlice(matrix.offset(row, 0), bytes));
    }
    List<Long> shape = List.of((long) matrix.rows(), (long) matrix.cols());
    writer.tensor(name, SafetensorsType.F32, shape, rows);
  }

  /** Adds numbers. */
  static void put(SafetensorsWriter writer, String name, List<Double> numbers) {
    MemorySegment bytes = MemorySegment.ofArray(new byte[numbers.size() * Double.BYTES]);
    for (int i = 0; i < numbers.size(); i++) {
      bytes.set(FLOAT64, (long) i * Double.BYTES, numbers.get(i));
    }
    writer.tensor(name, SafetensorsType.F64, List.of((long) numbers.size()), List.of(bytes));
  }

  /**
   * A matrix.
   *
   * @param arena owns it
   * @throws ModelFileException if it is not there, or has another shape
   */
  FloatTensor matrix(String name, int rows, int cols, Arena arena) {
    try (Arena mapped = Arena.ofConfined()) {
      MemorySegment data =
          tensor(name, SafetensorsType.F32, List.of((long) rows, (long) cols), mapped);
      FloatTensor matrix = FloatTensor.allocate(arena, rows, cols);
      long bytes = (long) cols * Float.BYTES;
      for (int row = 0; row < rows; row++) {
        MemorySegment.copy(data, row * bytes, matrix.data(), matrix.offset(row, 0), bytes);
      }
      return matrix;
    }
  }

  /**
   * So many numbers.
   *
   * @throws ModelFileException if they are not there, or others
   */
  List<Double> numbers(String name, int count) {
    try (Arena mapped = Arena.ofConfined()) {
      MemorySegment data = tensor(name, SafetensorsType.F64, List.of((long) count), mapped);
      return data.elements(FLOAT64).map(each -> each.get(FLOAT64, 0)).toList();
    }
  }

  private MemorySegment tensor(String name, SafetensorsType type, List<Long> shape, Arena arena) {
    SafetensorsTensor tensor = SafetensorsFile.open(file, arena).tensors().get(name);
    if (tensor == null || tensor.type() != type || !tensor.shape().equals(shape)) {
      throw new ModelFileException(
          file, "has no %s of %s under '%s'".formatted(shape, type, name), MEND);
    }
    return tensor.data();
  }
}
