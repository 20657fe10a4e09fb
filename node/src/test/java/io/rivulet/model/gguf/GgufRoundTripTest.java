package io.rivulet.model.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.kernels.WeightType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class GgufRoundTripTest {

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void namesTheFile() {
    path = folder.resolve("model.gguf");
  }

  @Test
  void metadataComesBackInOrder() throws IOException {
    new GgufWriter()
        .text("general.architecture", "llama")
        .integer("llama.block_count", 7)
        .real("llama.epsilon", 1e-5f)
        .bool("tokenizer.ggml.add_bos_token", true)
        .texts("tokens", List.of("a", "", "\u2581\u00e9\ud83d\ude00"))
        .floats("scores", 0f, -1.5f)
        .integers("types", 1, -3)
        .write(path);

    try (GgufFile file = GgufFile.open(path)) {
      GgufMetadata metadata = file.metadata();
      assertEquals(3, file.version());
      assertEquals(Files.size(path), file.fileSize());
      assertEquals("llama", metadata.text("general.architecture"));
      assertEquals(7, metadata.integer("llama.block_count", 1, 100));
      assertEquals(1e-5f, metadata.real("llama.epsilon"));
      assertTrue(metadata.bool("tokenizer.ggml.add_bos_token"));
      assertEquals(List.of("a", "", "\u2581\u00e9\ud83d\ude00"), metadata.texts("tokens"));
      assertArrayEquals(new float[] {0f, -1.5f}, metadata.floats("scores"));
      assertArrayEquals(new int[] {1, -3}, metadata.integers("types", -3, 3));
      assertEquals(
          List.of(
              "general.architecture",
              "llama.block_count",
              "llama.epsilon",
              "tokenizer.ggml.add_bos_token",
              "tokens",
              "scores",
              "types"),
          List.copyOf(metadata.asMap().keySet()));
    }
  }

  @Test
  void missingKeysTakeTheDefault() throws IOException {
    new GgufWriter().text("a", "b").write(path);

    try (GgufFile file = GgufFile.open(path)) {
      GgufMetadata metadata = file.metadata();
      assertEquals("b", metadata.text("a", "c"));
      assertEquals("c", metadata.text("x", "c"));
      assertEquals(3, metadata.integer("x", 1, 2, 3));
      assertEquals(0.5, metadata.real("x", 0.5));
      assertTrue(metadata.bool("x", true));
    }
  }

  @Test
  void wrongMetadataNamesFileKeyAndExpectation() throws IOException {
    new GgufWriter().text("t", "b").integer("n", 9).floats("f", 1).real("r", 1f / 0).write(path);

    try (GgufFile file = GgufFile.open(path)) {
      GgufMetadata metadata = file.metadata();
      assertFails(
          () -> metadata.integer("x", 1, 5),
          "key x is missing, expected an integer from 1 to 5; convert the model to GGUF again with"
              + " a current converter");
      assertFails(() -> metadata.integer("t", 1, 5), "key t has type string, expected an integer");
      assertFails(() -> metadata.integer("t", 1, 5, 2), "key t has type string");
      assertFails(
          () -> metadata.integer("n", 1, 5), "key n has 9, expected an integer from 1 to 5");
      assertFails(() -> metadata.text("n"), "key n has type uint32, expected a string");
      assertFails(() -> metadata.bool("n"), "key n has type uint32, expected a bool");
      assertFails(() -> metadata.real("r"), "key r is Infinity, expected a finite float");
      assertFails(() -> metadata.texts("f"), "key f has type float32[1], expected an array of str");
      assertFails(() -> metadata.integers("f", 0, 1), "key f has type float32[1], expected an arr");
      assertFails(
          () -> metadata.floats("t"), "key t has type string, expected an array of float32");
    }
  }

  @Test
  void weightsOfEveryTypeThatCanBeEncodedComeBack() throws IOException {
    List<WeightType> types =
        Arrays.stream(WeightType.values()).filter(WeightType::encodable).toList();
    var writer = new GgufWriter().vector("norm", 0.1f, 0.2f, 0.3f);
    for (WeightType type : types) {
      writer.matrix(type.name(), type, 3, 64, GgufRoundTripTest::fillRow);
    }
    writer.write(path);

    try (GgufFile file = GgufFile.open(path);
        Arena arena = Arena.ofConfined()) {
      FloatTensor row = FloatTensor.allocate(arena, 1, 64);
      float[] values = new float[64];
      for (WeightType type : types) {
        Matrix matrix = file.matrix(type.name(), 3, 64);
        assertEquals(type, matrix.type());
        MemorySegment encoded = arena.allocate(type.rowBytes(64));
        for (int r = 0; r < 3; r++) {
          fillRow(r, values);
          row.setRow(0, values);
          WeightCodec.encodeRow(row, 0, 64, type, encoded, 0);
          MemorySegment stored = matrix.data().asSlice(r * matrix.rowBytes(), matrix.rowBytes());
          assertEquals(-1, encoded.mismatch(stored), type + " " + r);
        }
      }
      WeightCodec.decodeRow(file.matrix("norm", 1, 3), 0, row, 0);
      assertEquals(0.2f, row.get(0, 1));
      GgufTensor q8 = file.tensor("Q8_0").orElseThrow();
      assertEquals("64 x 3", q8.shape());
      assertEquals(3 * 2 * 34, q8.byteSize());
      assertEquals("norm", names(file).getFirst());
      assertEquals(
          types.stream().map(WeightType::name).toList(), names(file).subList(1, types.size() + 1));
    }
  }

  private static void fillRow(int row, float[] into) {
    for (int c = 0; c < into.length; c++) {
      into[c] = (row + 1) * (c % 32 == 5 ? 127 : (c * 7) % 128);
    }
  }

  @Test
  void typesTakeInAFileWhatTheKernelsReadThemAs() {
    for (WeightType type : WeightType.values()) {
      GgmlType stored = GgmlType.of(type);
      assertEquals(Optional.of(type), stored.weightType());
      assertEquals(type.name(), stored.name());
      assertEquals(type.blockSize(), stored.blockSize());
      assertEquals(type.bytesPerBlock(), stored.bytesPerBlock());
    }
  }

  /** With a largest magnitude of 127 the scale is 1, and a weight is rounded to an integer. */
  @Test
  void quantisesAsGgmlDoes() throws IOException {
    float[] weights = {127, 0.5f, -0.5f, 2.5f, -2.5f, 0.49f, -126.6f, 0, -0f};
    int[] quantised = {127, 1, -1, 3, -3, 0, -127, 0, 0};
    new GgufWriter()
        .matrix(
            "w",
            WeightType.Q8_0,
            1,
            32,
            (row, into) -> System.arraycopy(weights, 0, into, 0, weights.length))
        .write(path);

    try (GgufFile file = GgufFile.open(path)) {
      MemorySegment block = file.tensor("w").orElseThrow().data();
      assertEquals(1f, Float.float16ToFloat(block.get(GgufLayout.INT16, 0)));
      for (int i = 0; i < quantised.length; i++) {
        assertEquals(quantised[i], block.get(ValueLayout.JAVA_BYTE, 2 + i), "weight " + i);
      }
    }
  }

  @Test
  void theWriterRefusesWhatTheReaderWould() {
    var writer = new GgufWriter().vector("norm", 1);
    assertThrows(IllegalArgumentException.class, () -> writer.vector("norm", 1));
    assertThrows(IllegalArgumentException.class, () -> writer.vector("", 1));
    assertThrows(IllegalArgumentException.class, () -> writer.vector("n".repeat(65), 1));
    assertThrows(IllegalArgumentException.class, () -> writer.vector("empty"));
    assertThrows(
        IllegalArgumentException.class,
        () -> writer.matrix("w", WeightType.Q8_0, 1, 33, (row, into) -> {}));
    assertThrows(
        IllegalArgumentException.class,
        () -> writer.matrix("w", WeightType.Q4_K, 1, 256, (row, into) -> {}));
    assertThrows(IllegalArgumentException.class, () -> writer.text("", "value"));
    assertThrows(IllegalArgumentException.class, () -> writer.integer("key", -1));
  }

  @Test
  void matricesAreCheckedAgainstWhatTheyShouldBe() throws IOException {
    new GgufWriter().matrix("w", WeightType.F32, 2, 3, (row, into) -> {}).write(path);

    try (GgufFile file = GgufFile.open(path)) {
      assertFails(() -> file.matrix("v", 2, 3), "tensor v is missing, expected 3 x 2 values");
      assertFails(() -> file.matrix("w", 3, 2), "tensor w is 3 x 2, expected 2 x 3");
    }
  }

  private static List<String> names(GgufFile file) {
    return file.tensors().stream().map(GgufTensor::name).toList();
  }

  private void assertFails(Executable action, String problem) {
    String message = assertThrows(ModelFileException.class, action).getMessage();
    assertTrue(message.startsWith(path + ": " + problem), message);
  }
}
