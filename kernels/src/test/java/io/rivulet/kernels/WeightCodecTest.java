package io.rivulet.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WeightCodecTest {

  @ParameterizedTest
  @CsvSource({
    "F32, 0",
    "F16, 0.0005",
    "BF16, 0.004",
    "Q8_0, 0.004",
    "Q4_0, 0.126",
    "Q4_1, 0.068",
    "Q5_0, 0.063",
    "Q5_1, 0.034"
  })
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
          float largest = type.blockSize() > 1 ? 4 : Math.abs(values.get(r, c));
          assertEquals(values.get(r, c), decoded.get(r, c), relative * largest);
        }
      }
    }
  }

  /** Bit for bit, with blocks of random bits too; see ggml_blocks.py. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"F32", "F16", "BF16"})
  void decodesAsGgmlDoes(WeightType type) throws IOException {
    byte[] recorded = resource(type + ".decoded");
    int blocks = recorded.length / (type.bytesPerBlock() + type.blockSize() * Float.BYTES);
    int cols = blocks * type.blockSize();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(type.rowBytes(cols));
      MemorySegment.copy(recorded, 0, data, JAVA_BYTE, 0, (int) data.byteSize());
      float[] expected = new float[cols];
      ByteBuffer.wrap(recorded)
          .order(ByteOrder.LITTLE_ENDIAN)
          .position((int) data.byteSize())
          .asFloatBuffer()
          .get(expected);
      FloatTensor decoded = Samples.decoded(arena, new Matrix(type, 1, cols, data));
      assertArrayEquals(expected, decoded.row(0));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"})
  void encodesAsGgmlDoes(WeightType type) throws IOException {
    ByteBuffer weights = ByteBuffer.wrap(resource("weights.f32")).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[weights.remaining() / Float.BYTES];
    weights.asFloatBuffer().get(values);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(type.rowBytes(values.length));
      WeightCodec.encodeRow(FloatTensor.of(arena, values), 0, values.length, type, data, 0);
      assertArrayEquals(resource(type + ".encoded"), data.toArray(JAVA_BYTE));
    }
  }

  @ParameterizedTest
  @EnumSource
  void saysWhatItCanEncode(WeightType type) {
    int cols = type.blockSize();
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor values = Samples.activations(arena, 1, cols, 1);
      MemorySegment data = arena.allocate(type.bytesPerBlock());
      if (type.encodable()) {
        WeightCodec.encodeRow(values, 0, cols, type, data, 0);
        assertNotEquals(0, data.get(JAVA_BYTE, 1));
      } else {
        var refusal =
            assertThrows(
                IllegalArgumentException.class,
                () -> WeightCodec.encodeRow(values, 0, cols, type, data, 0));
        assertEquals(
            "weights cannot be stored as "
                + type
                + ", only as [F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1]",
            refusal.getMessage());
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
      assertArrayEquals(expected, data.toArray(JAVA_BYTE));
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

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = WeightCodecTest.class.getResourceAsStream(name)) {
      return in.readAllBytes();
    }
  }
}
