package io.rivulet.model.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model in several files is read as one, or refused in words that say which file is wrong. */
class GgufShardsTest {

  private static final String SECOND = "m-00002-of-00003.gguf";

  @TempDir private Path folder;

  @Test
  void readsAllFilesWhicheverIsOpened() throws IOException {
    writeAll();
    for (int number = 0; number < 3; number++) {
      try (GgufFile file = GgufFile.open(path(number))) {
        assertEquals(List.of(path(0), path(1), path(2)), file.files());
        assertEquals("split", file.metadata().text("general.name"));
        assertEquals(
            List.of("a", "b", "c"), file.tensors().stream().map(GgufTensor::name).toList());
        assertArrayEquals(
            new float[] {3, 4}, file.tensor("b").orElseThrow().data().toArray(GgufLayout.FLOAT32));
        assertEquals(
            Files.size(path(0)) + Files.size(path(1)) + Files.size(path(2)), file.fileSize());
      }
    }
  }

  @Test
  void readsAFirstFileWithoutTensors() throws IOException {
    shard(0, 2).write(folder.resolve("m-00001-of-00003.gguf"));
    shard(1, 2).vector("a", 1).write(path(1));
    shard(2, 2).vector("b", 2).write(path(2));
    try (GgufFile file = GgufFile.open(path(0))) {
      assertEquals(2, file.tensors().size());
    }
  }

  @Test
  void takesAFileThatIsTheOnlyOneByAnyName() throws IOException {
    Path whole = folder.resolve("whole.gguf");
    new GgufWriter().split(0, 1, 1).vector("a", 1).write(whole);
    try (GgufFile file = GgufFile.open(whole)) {
      assertEquals(List.of(whole), file.files());
    }
  }

  @Test
  void namesTheFilesThatAreMissing() throws IOException {
    writeAll();
    Files.delete(path(1));
    Files.delete(path(2));
    assertRefused(
        path(0),
        "m-00001-of-00003.gguf: is part of a model of 3 files, of which m-00002-of-00003.gguf, "
            + "m-00003-of-00003.gguf are missing; put all of them into one folder");
  }

  @Test
  void refusesAFileThatWasRenamed() throws IOException {
    writeAll();
    Path renamed = Files.move(path(0), folder.resolve("model.gguf"));
    assertRefused(renamed, "its name does not end in -00001-of-00003.gguf");
  }

  @Test
  void refusesAFileOpenedByAnothersName() throws IOException {
    writeAll();
    Files.copy(path(2), path(1), StandardCopyOption.REPLACE_EXISTING);
    assertRefused(path(1), "is part 3 of 3 by its keys split.no and split.count");
    assertRefused(path(0), SECOND + ": key split.no is 2, expected 1 by the other parts");
  }

  @Test
  void refusesAFileOfAnotherSplit() throws IOException {
    writeAll();
    new GgufWriter().split(1, 4, 3).vector("b", 3, 4).write(path(1));
    assertRefused(path(0), SECOND + ": key split.count is 4, expected 3 by the other parts");
    new GgufWriter().split(1, 3, 4).vector("b", 3, 4).write(path(1));
    assertRefused(path(0), SECOND + ": key split.tensors.count is 4, expected 3 by the other");
    new GgufWriter().vector("b", 3, 4).write(path(1));
    assertRefused(path(0), SECOND + ": key split.no is missing");
  }

  @Test
  void refusesATensorThatIsThereTwice() throws IOException {
    writeAll();
    shard(1, 3).vector("a", 3, 4).write(path(1));
    assertRefused(path(2), SECOND + ": has tensor 'a', which is in m-00001-of-00003.gguf too");
  }

  @Test
  void refusesCountsThatLie() throws IOException {
    for (int number = 0; number < 3; number++) {
      shard(number, 9).vector("t" + number, 1).write(path(number));
    }
    assertRefused(path(0), "key split.tensors.count is 9, but the parts have 3 tensors");
    for (int number = 0; number < 3; number++) {
      shard(number, 1).vector("t" + number, 1).write(path(number));
    }
    assertRefused(path(0), "key split.tensors.count is 1, but the parts have at least 2 tensors");
  }

  @Test
  void refusesNumbersBeyondTheLimits() throws IOException {
    Path file = folder.resolve("m-00001-of-60000.gguf");
    new GgufWriter().split(0, 60000, 1).vector("a", 1).write(file);
    assertRefused(file, "key split.count has 60000, expected an integer from 0 to 1024");
    new GgufWriter().split(7, 3, 1).vector("a", 1).write(path(0));
    assertRefused(path(0), "key split.no has 7, expected an integer from 0 to 2");
    new GgufWriter().split(0, 3, -1).vector("a", 1).write(path(0));
    shard(1, 1).write(path(1));
    shard(2, 1).write(path(2));
    assertRefused(path(0), "key split.tensors.count has -1");
  }

  @Test
  void refusesADamagedFileByItsOwnName() throws IOException {
    writeAll();
    Files.write(path(1), new byte[] {'G', 'G', 'U', 'F', 3});
    assertRefused(path(0), SECOND + ": truncated at the version");
  }

  private void writeAll() throws IOException {
    shard(0, 3).vector("a", 1, 2).write(path(0));
    shard(1, 3).vector("b", 3, 4).write(path(1));
    shard(2, 3).vector("c", 5, 6).write(path(2));
  }

  private static GgufWriter shard(int number, int tensors) {
    GgufWriter writer = new GgufWriter().split(number, 3, tensors);
    return number == 0 ? writer.text("general.name", "split") : writer;
  }

  private Path path(int number) {
    return folder.resolve("m-%05d-of-00003.gguf".formatted(number + 1));
  }

  private static void assertRefused(Path file, String words) {
    String message =
        assertThrows(ModelFileException.class, () -> GgufFile.open(file).close()).getMessage();
    assertTrue(message.contains(words), message);
  }
}
