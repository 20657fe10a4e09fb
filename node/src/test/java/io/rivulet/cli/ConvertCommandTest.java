package io.rivulet.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.WeightType;
import io.rivulet.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file appears under its name when it is complete, and never in place of another unasked. */
class ConvertCommandTest {

  @TempDir Path folder;
  private Path model;
  private Path out;

  @BeforeEach
  void writesAModel() throws IOException {
    model = folder.resolve("model.gguf");
    out = folder.resolve("out.gguf");
    write(1);
  }

  @Test
  void writesAFileOfTheType() throws IOException {
    assertEquals(0, run("--type", "q8_0"));
    assertTrue(Files.size(out) < Files.size(model));
    assertEquals(List.of("model.gguf", "out.gguf"), files());
  }

  @Test
  void writesOverAFileOnlyIfForced() throws IOException {
    Files.writeString(out, "mine");
    assertEquals(2, run());
    assertEquals("mine", Files.readString(out));
    assertEquals(0, run("--force"));
    assertArrayEquals(Files.readAllBytes(model), Files.readAllBytes(out));
  }

  @Test
  void aFailureLeavesNothing() throws IOException {
    write(1e6f);
    assertEquals(2, run("--type", "f16"));
    assertEquals(List.of("model.gguf"), files());
  }

  @Test
  void aMissingDirectoryIsAFailure() {
    out = folder.resolve("nowhere/out.gguf");
    assertEquals(1, run());
  }

  @Test
  void aDirectoryIsNoTarget() {
    out = folder;
    assertEquals(2, run("--force"));
  }

  private int run(String... options) {
    return Rivulet.run(
        Stream.concat(Stream.of("convert", model.toString(), out.toString()), Stream.of(options))
            .toArray(String[]::new));
  }

  private void write(float last) throws IOException {
    new GgufWriter()
        .text("general.architecture", "llama")
        .matrix("w", WeightType.F32, 64, 64, (row, into) -> into[row] = last)
        .write(model);
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
