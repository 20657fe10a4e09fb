package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.profile.SparsityProfileFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** FFNs that are computed from a mapped file beside the model. */
class MappedWeightsTest {

  private static final int LENGTH = 12;

  @TempDir Path folder;

  private Path model;
  private Path layout;

  @BeforeEach
  void copyModel() throws IOException {
    use("types/q8_0");
  }

  private void use(String name) throws IOException {
    model = folder.resolve("model.gguf");
    layout = folder.resolve("model.gguf.layout");
    Files.deleteIfExists(model);
    Files.copy(Reference.model(name), model);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"nemotron", "llama", "llama-relu", "types/q8_0", "types/q4_0", "types/q4_k"})
  void hasTheBitsOfWeightsInMemory(String name) throws IOException {
    use(name);
    float[] packed = logits(WeightMemory.PACKED);
    assertArrayEquals(packed, logits(WeightMemory.MAPPED));
    assertArrayEquals(packed, logits(WeightMemory.MAPPED));
    assertArrayEquals(packed, logits(WeightMemory.MAPPED_PLAIN));
  }

  @Test
  void weightsThatFitStayInMemory() throws IOException {
    logits(WeightMemory.AUTO);
    assertEquals(List.of(model), files());
  }

  @Test
  void theFileIsWrittenOnce() throws IOException {
    logits(WeightMemory.MAPPED);
    assertEquals(List.of(model, layout), files());
    FileTime before = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(layout, before);
    logits(WeightMemory.MAPPED);
    assertEquals(before, Files.getLastModifiedTime(layout));
  }

  @Test
  void aFileThatWasCutOrIsOfAnotherModelIsWrittenAgain() throws IOException {
    float[] expected = logits(WeightMemory.MAPPED);
    byte[] sound = Files.readAllBytes(layout);
    for (long size : new long[] {sound.length - 1, 100, 0}) {
      try (FileChannel file = FileChannel.open(layout, StandardOpenOption.WRITE)) {
        file.truncate(size);
      }
      assertArrayEquals(expected, logits(WeightMemory.MAPPED));
      assertArrayEquals(sound, Files.readAllBytes(layout));
    }
    use("types/q4_0");
    assertArrayEquals(logits(WeightMemory.PACKED), logits(WeightMemory.MAPPED));
    assertEquals(List.of(model, layout), files());
  }

  @Test
  void whereItCannotBeWrittenTheReasonIsSaidAndNothingIsLeft() throws IOException {
    Files.createDirectories(layout.resolve("in the way"));
    ModelFileException refusal =
        assertThrows(ModelFileException.class, () -> logits(WeightMemory.MAPPED));
    assertTrue(refusal.getMessage().contains(layout.toString()), refusal::getMessage);
    assertTrue(refusal.getMessage().contains("more memory"), refusal::getMessage);
    assertEquals(List.of(model, layout), files());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void rowsOfPredictedNeuronsAreReadAheadAndThePagesCounted() throws IOException {
    Path profile = folder.resolve("profile.safetensors");
    try (var loaded = LoadedModel.openByNeurons(model, Kernels.select());
        Arena arena = Arena.ofShared()) {
      SparsityProfileFile.write(new RandomProfile(0.001f, 1, 0).of(loaded, arena), profile);
    }
    float[] expected;
    try (var loaded = open(profile, WeightMemory.PACKED);
        var team = new ThreadTeam(2);
        var pass = loaded.transformer().forwardPass(team, 1, 1, 32)) {
      expected = lastLogits(pass, SparsityMode.PREDICTED);
      assertTrue(pass.readAhead().isEmpty());
    }
    try (var loaded = open(profile, WeightMemory.MAPPED);
        var team = new ThreadTeam(2);
        var pass = loaded.transformer().forwardPass(team, 1, 1, 32)) {
      assertEquals(new ReadAheadTally(0, 0, 0), pass.readAhead().orElseThrow());
      for (int i = 0; i < 5; i++) {
        assertArrayEquals(expected, lastLogits(pass, SparsityMode.PREDICTED));
      }
      ReadAheadTally tally = pass.readAhead().orElseThrow();
      assertTrue(tally.asked() > 0, tally::toString);
      assertTrue(tally.there() <= tally.asked(), tally::toString);
      lastLogits(pass, SparsityMode.EXACT);
      assertEquals(tally.asked(), pass.readAhead().orElseThrow().asked());
    }
  }

  private LoadedModel open(Path profile, WeightMemory memory) {
    return LoadedModel.open(model, profile, Kernels.select(), memory);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private float[] logits(WeightMemory memory) {
    try (var loaded = LoadedModel.open(model, Kernels.select(), memory);
        var team = new ThreadTeam(2);
        var pass = loaded.transformer().forwardPass(team, 1, 1, 32)) {
      return lastLogits(pass, SparsityMode.EXACT);
    }
  }

  private static float[] lastLogits(ForwardPass pass, SparsityMode mode) {
    Batch batch = new Batch(1);
    for (int at = 0; at < LENGTH; at++) {
      batch.clear();
      batch.add(3 + at * 7 % 40, at, CacheBlocks.all(pass), mode, true);
      pass.run(batch);
    }
    return pass.logits().row(0);
  }
}
