package io.rivulet.model.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.rivulet.kernels.WeightType;
import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One model has one fingerprint wherever it lies; what differs in anything sampled, another. */
class ModelFingerprintTest {

  private static final int ROWS = 9;
  private static final int COLS = 2048;

  @TempDir private Path folder;

  @Test
  void isTheSameWhereverTheFileLies() throws IOException {
    ModelFingerprint here = of(writer -> {}, -1);
    Path moved = Files.createDirectory(folder.resolve("elsewhere")).resolve("renamed.gguf");
    Files.copy(folder.resolve("model.gguf"), moved);
    try (GgufFile file = GgufFile.open(moved)) {
      assertEquals(here, ModelFingerprint.of(file));
    }
  }

  @Test
  void differsWithAWeightAtTheBeginningInTheMiddleOrAtTheEnd() throws IOException {
    ModelFingerprint first = of(writer -> {}, -1);
    assertNotEquals(first, of(writer -> {}, 0));
    assertNotEquals(first, of(writer -> {}, ROWS / 2 * COLS + COLS / 2));
    assertNotEquals(first, of(writer -> {}, ROWS * COLS - 1));
  }

  @Test
  void differsWithHeadsAndTensors() throws IOException {
    ModelFingerprint first = of(writer -> {}, -1);
    assertNotEquals(first, of(writer -> writer.integer("nemotron.attention.head_count", 8), -1));
    assertNotEquals(first, of(writer -> writer.vector("b", 1), -1));
    assertEquals(first, of(writer -> writer.text("general.name", "another"), -1));
  }

  @Test
  void hasSixtyFourDigits() {
    assertThrows(IllegalArgumentException.class, () -> new ModelFingerprint("abc"));
    assertEquals(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ModelFingerprint.sha256("abc"));
  }

  private ModelFingerprint of(Consumer<GgufWriter> more, int changed) throws IOException {
    Path path = folder.resolve("model.gguf");
    var writer =
        new GgufWriter()
            .text("general.architecture", "nemotron")
            .integer("nemotron.attention.head_count", 4)
            .matrix(
                "a",
                WeightType.F32,
                ROWS,
                COLS,
                (row, into) -> {
                  for (int i = 0; i < COLS; i++) {
                    into[i] = row * COLS + i == changed ? -1 : i;
                  }
                });
    more.accept(writer);
    writer.write(path);
    try (GgufFile file = GgufFile.open(path)) {
      return ModelFingerprint.of(file);
    }
  }
}
