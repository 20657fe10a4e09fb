package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happened to a directory's files, it is read or refused; nothing else comes out. */
class HuggingFaceDamageTest {

  private static final int FLIPS = 1500;

  @TempDir Path folder;

  @BeforeEach
  void writesASoundDirectory() throws IOException {
    HuggingFaceExport.write(Reference.model("llama"), folder, Map.of("rope_scaling", Map.of()));
    assertTrue(readsAll());
  }

  @Test
  void refusesAConfigCutAnywhere() throws IOException {
    refusesAFileCutAnywhere("config.json", 1);
  }

  @Test
  void refusesWeightsCutAnywhereInTheHeaderAndElsewhere() throws IOException {
    refusesAFileCutAnywhere("model.safetensors", 97);
    Path file = folder.resolve("model.safetensors");
    byte[] sound = Files.readAllBytes(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int length = 3000; length >= 0; length--) {
        channel.truncate(length);
        assertTrue(!readsAll(), "cut to " + length + " bytes");
      }
    }
    Files.write(file, sound);
    assertTrue(readsAll());
  }

  @Test
  void readsOrRefusesFilesWithWrongBytes() throws IOException {
    var random = new SplittableRandom(3);
    for (String name : new String[] {"config.json", "model.safetensors"}) {
      Path file = folder.resolve(name);
      byte[] sound = Files.readAllBytes(file);
      int refused = 0;
      for (int i = 0; i < FLIPS; i++) {
        byte[] damaged = sound.clone();
        int reach = Math.min(4000, damaged.length);
        for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
          damaged[random.nextInt(reach)] = (byte) random.nextInt(256);
        }
        Files.write(file, damaged);
        refused += readsAll() ? 0 : 1;
      }
      Files.write(file, sound);
      assertTrue(refused > FLIPS / 4, name + ": " + refused + " refused");
    }
  }

  private void refusesAFileCutAnywhere(String name, int step) throws IOException {
    Path file = folder.resolve(name);
    byte[] sound = Files.readAllBytes(file);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      for (int length = sound.length - 1; length >= 0; length -= step) {
        channel.truncate(length);
        assertTrue(!readsAll(), name + " cut to " + length + " bytes");
      }
    }
    Files.write(file, sound);
  }

  /** True if all of it could be read, false if it was refused. */
  private boolean readsAll() {
    try (ModelFile model = ModelFiles.open(folder)) {
      for (GgufTensor tensor : model.tensors()) {
        assertTrue(tensor.data().byteSize() == tensor.byteSize(), tensor.name());
      }
      return true;
    } catch (ModelFileException e) {
      assertTrue(e.getMessage().startsWith(folder.toString()), e.getMessage());
      return false;
    }
  }
}
