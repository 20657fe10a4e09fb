package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.gguf.RowEncoder;
import io.rivulet.model.gguf.WriteProgress;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a model as one GGUF file: the keys and tensors that it is seen by. Vectors are written in
 * F32, matrices in one type or as they are stored. Rows are read, encoded and written in chunks, so
 * that memory does not grow with the model.
 */
public final class GgufConversion {

  private static final WeightType WIDER = WeightType.F16;

  /** The largest number that F16 has. */
  private static final float LARGEST_F16 = 65504;

  /** Keys about how the file was written, not about the model. */
  private static final Set<String> OF_THE_FILE =
      Set.of(
          "general.alignment",
          "general.file_type",
          "general.quantization_version",
          "split.no",
          "split.count",
          "split.tensors.count");

  /**
   * What {@code general.file_type} says of a file that is mostly of a type, as llama.cpp has it.
   */
  private static final Map<WeightType, Integer> FILE_TYPES =
      Map.of(
          WeightType.F32, 0,
          WeightType.F16, 1,
          WeightType.Q4_0, 2,
          WeightType.Q4_1, 3,
          WeightType.Q8_0, 7,
          WeightType.Q5_0, 8,
          WeightType.Q5_1, 9,
          WeightType.BF16, 32);

  private final ModelFile model;
  private final Optional<WeightType> type;
  private final GgufWriter writer = new GgufWriter();
  private final List<String> widened = new ArrayList<>();

  private GgufConversion(ModelFile model, Optional<WeightType> type) {
    this.model = model;
    this.type = type;
    model
        .metadata()
        .asMap()
        .forEach(
            (key, value) -> {
              if (!OF_THE_FILE.contains(key)) {
                writer.value(key, value);
              }
            });
    type.ifPresent(
        asked -> {
          writer.integer("general.file_type", FILE_TYPES.get(asked));
          if (asked.blockSize() > 1) {
            writer.integer("general.quantization_version", 2);
          }
        });
    model.tensors().forEach(this::add);
  }

  /**
   * Prepares to write every matrix in the type that it has.
   *
   * @throws ModelFileException if a tensor has a type that cannot be read
   */
  public static GgufConversion asStored(ModelFile model) {
    return new GgufConversion(model, Optional.empty());
  }

  /**
   * Prepares to write every matrix in one type, or in F16 where its rows are no multiple of the
   * type's blocks.
   *
   * @throws ModelFileException if a tensor has a type that cannot be read
   * @throws IllegalArgumentException if the type cannot be written
   */
  public static GgufConversion to(ModelFile model, WeightType type) {
    if (!FILE_TYPES.containsKey(type)) {
      throw new IllegalArgumentException(
          "weights cannot be written as %s, only as %s"
              .formatted(
                  type,
                  String.join(
                      ", ", FILE_TYPES.keySet().stream().map(WeightType::name).sorted().toList())));
    }
    return new GgufConversion(model, Optional.of(type));
  }

  /** Bytes that the file will have. */
  public long byteSize() {
    return writer.byteSize();
  }

  /** Names of the matrices that do not get the type asked for. */
  public List<String> widened() {
    return List.copyOf(widened);
  }

  /**
   * Writes the file, over one that is there.
   *
   * @throws ModelFileException if a weight is beyond what the type can hold
   */
  public void write(Path path, WriteProgress progress) throws IOException {
    writer.write(path, progress);
  }

  private void add(GgufTensor tensor) {
    if (tensor.dimensions().size() > 2
        || tensor.cols() > Integer.MAX_VALUE
        || tensor.rows() > Integer.MAX_VALUE) {
      throw model.invalid(
          tensor.name(), "is %s, expected columns and rows".formatted(tensor.shape()));
    }
    WeightType stored = stored(tensor);
    int cols = (int) tensor.cols();
    WeightType written = written(tensor, stored);
    RowEncoder encoder =
        written == stored
            ? (row, into, offset) ->
                MemorySegment.copy(tensor.row(row), 0, into, offset, tensor.rowBytes())
            : (row, into, offset) -> encode(tensor, row, stored, written, into, offset);
    List<Integer> dimensions =
        tensor.dimensions().size() == 1 ? List.of(cols) : List.of(cols, (int) tensor.rows());
    writer.encoded(tensor.name(), written, dimensions, encoder);
  }

  private WeightType stored(GgufTensor tensor) {
    return tensor
        .type()
        .weightType()
        .orElseThrow(
            () ->
                model.invalid(
                    tensor.name(), "has type %s, which cannot be read".formatted(tensor.type())));
  }

  private WeightType written(GgufTensor tensor, WeightType stored) {
    if (tensor.dimensions().size() == 1) {
      return WeightType.F32;
    }
    WeightType wanted = type.orElse(stored);
    if (tensor.cols() % wanted.blockSize() != 0) {
      widened.add(tensor.name());
      return WIDER;
    }
    return wanted;
  }

  private void encode(
      GgufTensor tensor,
      int row,
      WeightType stored,
      WeightType written,
      MemorySegment into,
      long offset) {
    int cols = (int) tensor.cols();
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor values = FloatTensor.allocate(arena, 1, cols);
      WeightCodec.decodeRow(new Matrix(stored, 1, cols, tensor.row(row)), 0, values, 0);
      requireRange(tensor, values, written);
      WeightCodec.encodeRow(values, 0, cols, written, into, offset);
    }
  }

  /** Scales of blocks are F16 too. */
  private void requireRange(GgufTensor tensor, FloatTensor values, WeightType written) {
    if (written == WeightType.F32 || written == WeightType.BF16) {
      return;
    }
    for (int i = 0; i < values.cols(); i++) {
      float value = values.get(0, i);
      if (!(Math.abs(value) <= LARGEST_F16)) {
        throw new ModelFileException(
            model.path(),
            "tensor %s holds %s, which %s cannot say".formatted(tensor.name(), value, written),
            "convert to BF16 or F32");
      }
    }
  }
}
