package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeightCodecTest {

  @ParameterizedTest
  @CsvSource({"F32, 0", "F16, 0.0005", "BF16, 0.004", "Q8_0, 0.004"})
  void storesWithinTheTypesRounding(WeightType type, double relative) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor values = Samples.activations(arena, 3, 64, 1);
      MemorySegment data = arena.allocate(3 * type.rowBytes(64));
      for (int r = 0; r < 3; r++) {
        WeightCodec.encodeRow(values, r, 64, type, data, r * type.rowBytes(64));
      }
      FloatTensor decoded = Samples.decoded(arena, new Matrix(type, 3, 64, data));
      for (int r = 0; r < 3; r++) {
        for (int c = 0; c < 64; c++) {
          float largest = type == WeightType.Q8_0 ? 4 : Math.abs(values.get(r, c));
          assertEquals(values.get(r, c), decoded.get(r, c), relative * largest);
        }
      }
    }
  }

  @Test
  void storesQ8BlocksAsGgufDoes() {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor values = FloatTensor.allocate(arena, 1, 32);
      values.set(0, 0, -127);
      values.set(0, 1, 3.4f);
      values.set(0, 31, 100.6f);
      MemorySegment data = arena.allocate(34);
      WeightCodec.encodeRow(values, 0, 32, WeightType.Q8_0, data, 0);
      byte[] expected = new byte[34];
      expected[1] = 0x3c;
      expected[2] = -127;
      expected[3] = 3;
      expected[33] = 101;
      assertArrayEquals(expected, data.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  @Test
  void roundsBf16ToNearestEven() {
    try (Arena arena = Arena.ofConfined()) {
      float[] values = {
        Float.intBitsToFloat(0x3f808000),
        Float.intBitsToFloat(0x3f818000),
        Float.intBitsToFloat(0x3f808001),
        Float.NaN
      };
      MemorySegment data = arena.allocate(8);
      WeightCodec.encodeRow(FloatTensor.of(arena, values), 0, 4, WeightType.BF16, data, 0);
      assertEquals(0x3f80, data.get(ValueLayout.JAVA_SHORT, 0));
      assertEquals(0x3f82, data.get(ValueLayout.JAVA_SHORT, 2));
      assertEquals(0x3f81, data.get(ValueLayout.JAVA_SHORT, 4));
      FloatTensor back = Samples.decoded(arena, new Matrix(WeightType.BF16, 1, 4, data));
      assertTrue(Float.isNaN(back.get(0, 3)));
    }
  }

  @Test
  void refusesMemoryThatDoesNotFit() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(64, 64);
      assertThrows(IllegalArgumentException.class, () -> new Matrix(WeightType.F32, 4, 5, data));
      assertThrows(IllegalArgumentException.class, () -> new Matrix(WeightType.Q8_0, 1, 33, data));
      assertThrows(
          IllegalArgumentException.class,
          () -> new Matrix(WeightType.F32, 1, 4, MemorySegment.ofArray(new float[4])));
      assertThrows(IllegalArgumentException.class, () -> new FloatTensor(2, 1, data));
      assertThrows(IllegalArgumentException.class, () -> new FloatTensor(1, 4, data.asSlice(4)));
      assertThrows(IllegalArgumentException.class, () -> FloatTensor.allocate(arena, 0, 4));
    }
  }
}
