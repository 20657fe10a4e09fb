package io.rivulet.model.gguf;

import io.rivulet.kernels.WeightType;
import java.util.Optional;

/**
 * The types a tensor can have in a GGUF file, by their names and numbers in ggml, with what a block
 * of values takes. Rivulet computes with those that have a {@link #weightType()}; the others are
 * known so that a file can be listed and refused by name.
 */
public enum GgmlType {
  F32(0, 1, 4, WeightType.F32),
  F16(1, 1, 2, WeightType.F16),
  Q4_0(2, 32, 18, WeightType.Q4_0),
  Q4_1(3, 32, 20, WeightType.Q4_1),
  Q5_0(6, 32, 22, WeightType.Q5_0),
  Q5_1(7, 32, 24, WeightType.Q5_1),
  Q8_0(8, 32, 34, WeightType.Q8_0),
  Q8_1(9, 32, 36),
  Q2_K(10, 256, 84, WeightType.Q2_K),
  Q3_K(11, 256, 110, WeightType.Q3_K),
  Q4_K(12, 256, 144, WeightType.Q4_K),
  Q5_K(13, 256, 176, WeightType.Q5_K),
  Q6_K(14, 256, 210, WeightType.Q6_K),
  Q8_K(15, 256, 292),
  IQ2_XXS(16, 256, 66),
  IQ2_XS(17, 256, 74),
  IQ3_XXS(18, 256, 98),
  IQ1_S(19, 256, 50),
  IQ4_NL(20, 32, 18, WeightType.IQ4_NL),
  IQ3_S(21, 256, 110),
  IQ2_S(22, 256, 82),
  IQ4_XS(23, 256, 136, WeightType.IQ4_XS),
  I8(24, 1, 1),
  I16(25, 1, 2),
  I32(26, 1, 4),
  I64(27, 1, 8),
  F64(28, 1, 8),
  IQ1_M(29, 256, 56),
  BF16(30, 1, 2, WeightType.BF16),
  TQ1_0(34, 256, 54, WeightType.TQ1_0),
  TQ2_0(35, 256, 66, WeightType.TQ2_0),
  /** Of Microsoft's BitNet; a tensor is followed by 32 bytes with its scale. */
  I2_S(36, 4, 1),
  MXFP4(39, 32, 17),
  NVFP4(40, 64, 36);

  private static final GgmlType[] BY_ID = new GgmlType[64];

  static {
    for (GgmlType type : values()) {
      BY_ID[type.id] = type;
    }
  }

  private final int id;
  private final int blockSize;
  private final int bytesPerBlock;
  private final Optional<WeightType> weightType;

  GgmlType(int id, int blockSize, int bytesPerBlock) {
    this.id = id;
    this.blockSize = blockSize;
    this.bytesPerBlock = bytesPerBlock;
    this.weightType = Optional.empty();
  }

  GgmlType(int id, int blockSize, int bytesPerBlock, WeightType weightType) {
    this.id = id;
    this.blockSize = blockSize;
    this.bytesPerBlock = bytesPerBlock;
    this.weightType = Optional.of(weightType);
  }

  /** The type with this number, if there is one that this version knows. */
  public static Optional<GgmlType> ofId(long id) {
    return id < 0 || id >= BY_ID.length ? Optional.empty() : Optional.ofNullable(BY_ID[(int) id]);
  }

  /** The type in a file that holds weights of the kernels' type. */
  public static GgmlType of(WeightType type) {
    return switch (type) {
      case F32 -> F32;
      case F16 -> F16;
      case BF16 -> BF16;
      case Q8_0 -> Q8_0;
      case Q4_0 -> Q4_0;
      case Q4_1 -> Q4_1;
      case Q5_0 -> Q5_0;
      case Q5_1 -> Q5_1;
      case Q2_K -> Q2_K;
      case Q3_K -> Q3_K;
      case Q4_K -> Q4_K;
      case Q5_K -> Q5_K;
      case Q6_K -> Q6_K;
      case IQ4_NL -> IQ4_NL;
      case IQ4_XS -> IQ4_XS;
      case TQ1_0 -> TQ1_0;
      case TQ2_0 -> TQ2_0;
    };
  }

  /** The number that stands for the type in a file. */
  public int id() {
    return id;
  }

  /** Values in a block; the first dimension of a tensor is a multiple of it. */
  public int blockSize() {
    return blockSize;
  }

  /** Bytes that a block takes. */
  public int bytesPerBlock() {
    return bytesPerBlock;
  }

  /** What the kernels call it, if they compute with it. */
  public Optional<WeightType> weightType() {
    return weightType;
  }
}
