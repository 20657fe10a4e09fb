package io.rivulet.kernels;

import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** How to take a stored block of a quantised type apart into codes and the scales for them. */
interface BlockCodes {

  /** Weights that share a scale; a stored block holds one or more such blocks. */
  int block();

  /** The smallest type that holds the codes. */
  CodeType codeType();

  /** The smallest type that holds the scales exactly. */
  WeightType scaleType();

  /** Whether weights have an offset. */
  boolean affine();

  /**
   * Takes a stored block apart.
   *
   * @param at where it begins
   * @param codes takes a code for each weight
   * @param scales takes a scale for each block
   * @param offsets takes an offset for each block of an affine type
   */
  void read(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets);

  /** How to take apart the type's blocks; empty where it has none, or none that can be. */
  static Optional<BlockCodes> of(WeightType type) {
    return switch (type) {
      case F32, F16, BF16 -> Optional.empty();
      case Q8_0 -> Optional.of(new Q8());
    };
  }

  /** A binary16 scale, then 32 signed bytes. */
  record Q8() implements BlockCodes {
    @Override
    public int block() {
      return WeightType.Q8_0.blockSize();
    }

    @Override
    public CodeType codeType() {
      return CodeType.BYTE;
    }

    @Override
    public WeightType scaleType() {
      return WeightType.F16;
    }

    @Override
    public boolean affine() {
      return false;
    }

    @Override
    public void read(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
      scales[0] = Float.float16ToFloat(data.get(SHORT, at));
      MemorySegment.copy(data, JAVA_BYTE, at + Short.BYTES, codes, 0, codes.length);
    }
  }
}
