package io.rivulet.model.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.WeightType;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happened to a file, it is read or refused; nothing else comes out. */
class GgufDamageTest {

  private static final int FLIPS = 6000;

  @TempDir Path folder;
  private Path path;
  private byte[] sound;

  @BeforeEach
  void writesASoundFile() throws IOException {
    path = folder.resolve("model.gguf");
    new GgufWriter()
        .text("general.architecture", "llama")
        .integer("general.alignment", 32)
        .real("epsilon", 1e-5f)
        .bool("flag", true)
        .texts("tokens", List.of("a", "bc", "def"))
        .floats("scores", 1, 2, 3)
        .vector("norm", 1, 2, 3)
        .matrix("w", WeightType.Q8_0, 2, 32, (row, into) -> into[row] = 1)
        .matrix("v", WeightType.F16, 1, 5, (row, into) -> into[row] = 1)
        .write(path);
    sound = Files.readAllBytes(path);
  }

  @Test
  void refusesAFileCutAnywhere() throws IOException {
    long needed = neededBytes();
    assertTrue(needed < sound.length, "the last tensor is padded");
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      for (int length = sound.length; length >= 0; length--) {
        channel.truncate(length);
        assertEquals(length >= needed, readsAll(), "cut to " + length + " bytes");
      }
    }
  }

  @Test
  void readsOrRefusesAFileWithWrongBytes() throws IOException {
    var random = new SplittableRandom(20);
    int refused = 0;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      for (int i = 0; i < FLIPS; i++) {
        byte[] damaged = sound.clone();
        for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        channel.write(ByteBuffer.wrap(damaged), 0);
        refused += readsAll() ? 0 : 1;
      }
    }
    assertTrue(refused > FLIPS / 4 && refused < FLIPS, refused + " refused");
  }

  private long neededBytes() {
    try (GgufFile file = GgufFile.open(path)) {
      GgufTensor last = file.tensor("v").orElseThrow();
      int padding = (int) (-last.byteSize() & 31);
      return (long) sound.length - padding;
    }
  }

  /** True if all of it could be read, false if it was refused. */
  private boolean readsAll() {
    try (GgufFile file = GgufFile.open(path)) {
      for (GgufTensor tensor : file.tensors()) {
        byte[] bytes = tensor.data().toArray(ValueLayout.JAVA_BYTE);
        assertEquals(tensor.byteSize(), bytes.length);
      }
      for (GgufValue value : file.metadata().asMap().values()) {
        if (value instanceof GgufArray array) {
          assertEquals(array.size(), array.first(Integer.MAX_VALUE).size());
        }
      }
      return !GgufSummary.of(file).lines().isEmpty();
    } catch (ModelFileException e) {
      assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
      return false;
    }
  }
}
