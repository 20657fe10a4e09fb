package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.gguf.GgmlType;
import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written is what was seen, in the type asked for. */
class GgufConversionTest {

  @TempDir private Path folder;

  static List<Path> models() throws IOException {
    return HuggingFaceModelTest.models();
  }

  @ParameterizedTest
  @MethodSource("models")
  void aDirectoryAndItsConversionComputeTheSameBits(Path gguf) throws IOException {
    Path directory = HuggingFaceExport.write(gguf, folder.resolve("model"), Map.of());
    Path converted = folder.resolve("model.gguf");
    try (ModelFile model = ModelFiles.open(directory)) {
      GgufConversion.asStored(model).write(converted, (bytes, total) -> {});
    }
    Continuation recorded = Continuation.of(gguf);
    try (var one = LoadedModel.open(directory, Kernels.select());
        var other = LoadedModel.open(converted, Kernels.select())) {
      assertEquals(one.spec(), other.spec());
      List<float[]> expected = HuggingFaceModelTest.logits(one, recorded);
      List<float[]> actual = HuggingFaceModelTest.logits(other, recorded);
      for (int at = 0; at < expected.size(); at++) {
        assertArrayEquals(expected.get(at), actual.get(at));
      }
    }
  }

  /** {@link GgufWriter} rounds as ggml does, which its own tests hold. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"})
  void storesMatricesInTheTypeAndVectorsInF32(WeightType type) throws IOException {
    Path file = write(WeightType.F32, 64);
    Path expected = write(type, 64);
    Path converted = folder.resolve("converted.gguf");
    List<Long> heard = new ArrayList<>();
    long size;
    try (ModelFile model = ModelFiles.open(file)) {
      GgufConversion conversion = GgufConversion.to(model, type);
      assertEquals(List.of(), conversion.widened());
      size = conversion.byteSize();
      conversion.write(converted, (bytes, total) -> heard.add(bytes));
    }
    assertEquals(Files.size(converted), size);
    assertEquals(size, heard.getLast());
    assertEquals(heard.stream().sorted().toList(), heard);
    try (GgufFile actual = GgufFile.open(converted);
        GgufFile should = GgufFile.open(expected)) {
      assertEquals("llama", actual.metadata().text("general.architecture"));
      assertArrayEquals(bytes(should, "w"), bytes(actual, "w"));
      assertEquals(GgmlType.of(type), actual.tensor("w").orElseThrow().type());
      assertEquals(GgmlType.F32, actual.tensor("norm").orElseThrow().type());
      assertArrayEquals(bytes(should, "norm"), bytes(actual, "norm"));
      assertEquals(
          type != WeightType.F32, actual.metadata().integer("general.file_type", 0, 99) > 0);
    }
  }

  @Test
  void rowsThatNoBlocksFillBecomeF16AndAreNamed() throws IOException {
    Path converted = folder.resolve("converted.gguf");
    try (ModelFile model = ModelFiles.open(write(WeightType.F32, 40))) {
      GgufConversion conversion = GgufConversion.to(model, WeightType.Q8_0);
      assertEquals(List.of("w"), conversion.widened());
      conversion.write(converted, (bytes, total) -> {});
    }
    try (GgufFile file = GgufFile.open(converted)) {
      assertEquals(GgmlType.F16, file.tensor("w").orElseThrow().type());
    }
  }

  @Test
  void keysOfTheFileThatWasReadAreNotCopied() throws IOException {
    Path file = folder.resolve("aligned.gguf");
    new GgufWriter()
        .text("general.architecture", "llama")
        .integer("general.alignment", 1)
        .integer("split.count", 1)
        .vector("norm", 1, 2, 3)
        .write(file);
    Path converted = folder.resolve("converted.gguf");
    try (ModelFile model = ModelFiles.open(file)) {
      GgufConversion.asStored(model).write(converted, (bytes, total) -> {});
    }
    try (GgufFile actual = GgufFile.open(converted)) {
      assertEquals(1, actual.metadata().asMap().size());
      assertEquals(12, bytes(actual, "norm").length);
    }
  }

  @Test
  void aWeightBeyondTheTypeIsRefused() throws IOException {
    Path file = folder.resolve("large.gguf");
    new GgufWriter()
        .matrix("w", WeightType.F32, 2, 32, (row, into) -> into[3] = row * 70_000f)
        .write(file);
    try (ModelFile model = ModelFiles.open(file)) {
      GgufConversion conversion = GgufConversion.to(model, WeightType.F16);
      String message =
          assertThrows(
                  ModelFileException.class,
                  () -> conversion.write(folder.resolve("out"), (bytes, total) -> {}))
              .getMessage();
      assertTrue(message.contains("tensor w holds 70000.0, which F16 cannot say"), message);
    }
  }

  @Test
  void aTypeThatCannotBeWrittenIsRefused() throws IOException {
    try (ModelFile model = ModelFiles.open(write(WeightType.F32, 256))) {
      String message =
          assertThrows(
                  IllegalArgumentException.class, () -> GgufConversion.to(model, WeightType.Q4_K))
              .getMessage();
      assertTrue(message.contains("cannot be written as Q4_K, only as BF16, F16, F32"), message);
    }
  }

  private Path write(WeightType type, int cols) throws IOException {
    Path file = folder.resolve(type + ".gguf");
    new GgufWriter()
        .text("general.architecture", "llama")
        .matrix(
            "w",
            type,
            70,
            cols,
            (row, into) -> {
              for (int c = 0; c < into.length; c++) {
                into[c] = (float) Math.sin(row * 31 + c);
              }
            })
        .vector("norm", 1, 2, 3)
        .write(file);
    return file;
  }

  private static byte[] bytes(GgufFile file, String name) {
    GgufTensor tensor = file.tensor(name).orElseThrow();
    return tensor.data().toArray(ValueLayout.JAVA_BYTE);
  }
}
