package io.rivulet.model.huggingface;

import static io.rivulet.model.gguf.ModelFileException.quote;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.gguf.GgmlType;
import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.gguf.TensorSource;
import io.rivulet.model.huggingface.Family.Trait;
import io.rivulet.model.safetensors.SafetensorsTensor;
import io.rivulet.model.safetensors.SafetensorsType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tensors as GGUF has them: vectors in F32, matrices as they are stored. Where llama.cpp's
 * converter reorders or changes values, so is done here, when they are asked for.
 */
final class TensorView {

  private static final Map<SafetensorsType, GgmlType> TYPES =
      Map.of(
          SafetensorsType.F32, GgmlType.F32,
          SafetensorsType.F16, GgmlType.F16,
          SafetensorsType.BF16, GgmlType.BF16);

  private static final Set<String> TERNARY =
      Set.of("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down");

  private final ConfigFile config;
  private final Family family;
  private final Map<String, SafetensorsTensor> stored;
  private final Arena arena;

  /**
   * A view of stored tensors.
   *
   * @param arena owns what is made
   */
  TensorView(ConfigFile config, Family family, Map<String, SafetensorsTensor> stored, Arena arena) {
    this.config = config;
    this.family = family;
    this.stored = stored;
    this.arena = arena;
  }

  /** A tensor by GGUF's name, of the one that is stored. */
  GgufTensor of(String name, SafetensorsTensor tensor) {
    String part = part(name);
    if (family.has(Trait.TERNARY) && TERNARY.contains(part) && name.endsWith(".weight")) {
      return ternary(name, tensor);
    }
    int dimensions = tensor.shape().size();
    if (dimensions < 1 || dimensions > 2 || tensor.shape().contains(0L)) {
      throw invalid(
          tensor, "has shape %s, expected rows and columns".formatted(tensor.shownShape()));
    }
    GgmlType type = type(tensor);
    if (family.has(Trait.NORM_PLUS_ONE) && part.endsWith("norm") && name.endsWith(".weight")) {
      return vector(name, tensor, type, 1);
    }
    if (part.equals("position_embd")) {
      return withoutFirstRows(name, tensor, type);
    }
    TensorSource source = new Mapped(tensor.data());
    if (family.has(Trait.INTERLEAVED_ROPE) && (part.equals("attn_q") || part.equals("attn_k"))) {
      boolean queries = part.equals("attn_q");
      int heads =
          queries ? HyperParameters.heads(config) : HyperParameters.keyValueHeads(config, family);
      source = reordered(tensor, RowOrder.interleaved(tensor.shape().getFirst(), heads));
    } else if (family.has(Trait.FUSED_GROUPS) && part.equals("attn_qkv")) {
      int heads = HyperParameters.heads(config);
      int keyValueHeads = HyperParameters.keyValueHeads(config, family);
      source =
          reordered(tensor, RowOrder.ungrouped(tensor.shape().getFirst(), heads, keyValueHeads));
    }
    return dimensions == 1
        ? vector(name, tensor.shape().getFirst(), type, source, 0)
        : new GgufTensor(name, type, tensor.shape().reversed(), source);
  }

  /** Whether it is the scale of a packed tensor. */
  boolean scalesAnother(SafetensorsTensor tensor) {
    return family.has(Trait.TERNARY)
        && tensor.name().endsWith(".weight_scale")
        && stored.containsKey(tensor.name().replaceFirst("_scale$", ""));
  }

  /** A tensor of one dimension that is not stored. */
  GgufTensor made(String name, float[] values) {
    MemorySegment data = arena.allocate((long) values.length * Float.BYTES, Float.BYTES);
    for (int i = 0; i < values.length; i++) {
      data.setAtIndex(ValueLayout.JAVA_FLOAT, i, values[i]);
    }
    return new GgufTensor(name, GgmlType.F32, List.of((long) values.length), data);
  }

  private GgufTensor vector(String name, SafetensorsTensor tensor, GgmlType type, float plus) {
    if (tensor.shape().size() != 1) {
      throw invalid(tensor, "has shape %s, expected one dimension".formatted(tensor.shownShape()));
    }
    return vector(name, tensor.shape().getFirst(), type, new Mapped(tensor.data()), plus);
  }

  private GgufTensor vector(
      String name, long length, GgmlType type, TensorSource source, float plus) {
    List<Long> dimensions = List.of(length);
    if (type == GgmlType.F32 && plus == 0) {
      return new GgufTensor(name, type, dimensions, source);
    }
    WeightType weights = type.weightType().orElseThrow();
    var rows =
        new MadeBytes(
            1,
            length * Float.BYTES,
            arena,
            _ -> {
              int cols = Math.toIntExact(length);
              FloatTensor values = FloatTensor.allocate(Arena.ofAuto(), 1, cols);
              WeightCodec.decodeRow(new Matrix(weights, 1, cols, source.all()), 0, values, 0);
              for (int i = 0; i < cols; i++) {
                values.set(0, i, values.get(0, i) + plus);
              }
              return values.data().asSlice(0, length * Float.BYTES);
            });
    return new GgufTensor(name, GgmlType.F32, dimensions, rows);
  }

  private GgufTensor withoutFirstRows(String name, SafetensorsTensor tensor, GgmlType type) {
    int unused = 2;
    if (tensor.shape().size() != 2 || tensor.shape().getFirst() <= unused) {
      throw invalid(
          tensor, "has shape %s, expected more than two rows".formatted(tensor.shownShape()));
    }
    long cols = tensor.shape().getLast();
    MemorySegment data = tensor.data().asSlice(unused * cols * type.bytesPerBlock());
    return new GgufTensor(name, type, List.of(cols, tensor.shape().getFirst() - unused), data);
  }

  private TensorSource reordered(SafetensorsTensor tensor, RowOrder order) {
    long rows = tensor.shape().getFirst();
    if (!order.fits()) {
      throw invalid(
          tensor,
          "has shape %s, which the heads of config.json do not divide"
              .formatted(tensor.shownShape()));
    }
    long rowBytes = tensor.data().byteSize() / rows;
    return new MadeBytes(
        rows, rowBytes, arena, row -> tensor.data().asSlice(order.of(row) * rowBytes, rowBytes));
  }

  private GgufTensor ternary(String name, SafetensorsTensor tensor) {
    if (tensor.shape().size() != 2 || tensor.shape().contains(0L)) {
      throw invalid(
          tensor, "has shape %s, expected rows and columns".formatted(tensor.shownShape()));
    }
    long cols = tensor.shape().getLast();
    if (cols > Integer.MAX_VALUE) {
      throw invalid(tensor, "has rows of %d values".formatted(cols));
    }
    TernaryRows rows;
    if (tensor.type() == SafetensorsType.U8) {
      SafetensorsTensor scale = stored.get(tensor.name() + "_scale");
      if (scale == null || scale.data().byteSize() != (long) scale.type().bits() / Byte.SIZE) {
        throw invalid(tensor, "has no scale beside it, expected one number as ..._scale");
      }
      Matrix number = new Matrix(type(scale).weightType().orElseThrow(), 1, 1, scale.data());
      rows = TernaryRows.packed(tensor, (int) cols, number);
    } else {
      rows = TernaryRows.rounded(tensor, (int) cols, type(tensor).weightType().orElseThrow());
    }
    return new GgufTensor(
        name,
        GgmlType.of(rows.type()),
        List.of(cols, rows.count()),
        new MadeBytes(rows.count(), rows.type().rowBytes(cols), arena, rows));
  }

  private GgmlType type(SafetensorsTensor tensor) {
    GgmlType type = TYPES.get(tensor.type());
    if (type == null) {
      throw invalid(
          tensor,
          "has dtype %s, but this version computes only with F32, F16 and BF16"
              .formatted(tensor.type()));
    }
    return type;
  }

  /** {@code attn_q} of {@code blk.0.attn_q.weight}. */
  private static String part(String name) {
    String withoutSuffix = name.substring(0, name.lastIndexOf('.'));
    return withoutSuffix.substring(withoutSuffix.lastIndexOf('.') + 1);
  }

  private static ModelFileException invalid(SafetensorsTensor tensor, String problem) {
    return new ModelFileException(
        tensor.file(),
        "tensor %s %s".formatted(quote(tensor.name()), problem),
        "download the model again, or one that this version computes");
  }

  /** Bytes as they lie in a file. */
  private record Mapped(MemorySegment all) implements TensorSource {
    @Override
    public MemorySegment slice(long offset, long bytes) {
      return all.asSlice(offset, bytes);
    }
  }
}
