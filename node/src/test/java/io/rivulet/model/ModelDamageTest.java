package io.rivulet.model;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.net.URISyntaxException;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever happened to a model's file, it opens or is refused; nothing else comes out. */
class ModelDamageTest {

  private static final int FLIPS = 3000;
  private static final Kernels KERNELS = Kernels.select();

  @TempDir private Path folder;
  private Path path;
  private byte[] sound;

  @BeforeEach
  void takesASoundModel() throws IOException, URISyntaxException {
    Path smallest =
        Path.of(requireNonNull(getClass().getResource("/fuzz/model-file/llama.gguf")).toURI());
    path = Files.copy(smallest, folder.resolve("model.gguf"));
    sound = Files.readAllBytes(path);
    assertTrue(opens());
  }

  @Test
  void refusesAModelCutAnywhere() throws IOException {
    long needed = neededBytes();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      for (int length = sound.length; length >= 0; length--) {
        channel.truncate(length);
        assertEquals(length >= needed, opens(), "cut to " + length + " bytes");
      }
    }
  }

  @Test
  void opensOrRefusesAModelWithWrongBytes() throws IOException {
    var random = new SplittableRandom(22);
    int refused = 0;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      for (int i = 0; i < FLIPS; i++) {
        byte[] damaged = sound.clone();
        for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        channel.write(ByteBuffer.wrap(damaged), 0);
        refused += opens() ? 0 : 1;
      }
    }
    assertTrue(refused > FLIPS / 4 && refused < FLIPS, refused + " refused");
  }

  /** Sizes that do not fit the tensors, all of them but the ones that no tensor depends on. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "embedding_length",
        "block_count",
        "feed_forward_length",
        "attention.head_count",
        "attention.head_count_kv",
        "attention.key_length",
        "attention.value_length",
        "rope.dimension_count",
        "vocab_size",
        "expert_count"
      })
  void refusesSizesBeyondAllBounds(String key) throws IOException {
    for (int size : new int[] {1 << 20, 1 << 24, 1 << 30, Integer.MAX_VALUE}) {
      Path file =
          new TinyModel()
              .with(writer -> writer.integer("nemotron." + key, size))
              .write(folder.resolve("sizes.gguf"));
      String message =
          assertThrows(ModelFileException.class, () -> LoadedModel.open(file, KERNELS).close())
              .getMessage();
      assertEquals(1, message.lines().count(), message);
    }
  }

  private long neededBytes() {
    try (GgufFile file = GgufFile.open(path)) {
      List<GgufTensor> tensors = List.copyOf(file.tensors());
      int padding = (int) (-tensors.getLast().byteSize() & 31);
      return (long) sound.length - padding;
    }
  }

  private boolean opens() {
    try (var model = LoadedModel.open(path, KERNELS)) {
      model.tokenizer().decode(model.tokenizer().encode("ab b"));
      return true;
    } catch (ModelFileException e) {
      assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      return false;
    }
  }
}
