package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.model.gguf.GgmlType;
import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is said of a model without loading it is what loading it does. */
class ModelOutlineTest {

  @TempDir private Path folder;

  static List<Path> models() throws IOException {
    try (Stream<Path> files = Files.walk(Reference.model("nemotron").getParent())) {
      return files.filter(file -> file.toString().endsWith(".gguf")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void countsTheBytesThatTheLoadedModelReads(Path file) {
    ModelOutline outline = outline(file);
    try (var model = LoadedModel.open(file, Kernels.select())) {
      assertEquals(model.weightBytes(), outline.denseBytes());
      assertEquals(model.transformer().downBytes(), outline.downBytes());
      assertEquals(
          model.spec().cacheBytesPerToken(KeyValueType.DEFAULT), outline.cacheBytesPerToken());
      assertEquals(
          model.spec().sparse(),
          outline.repacked().stream().anyMatch(ModelOutline.Repacked::byNeurons));
    }
  }

  @Test
  void saysWhatAModelIs() {
    ModelOutline outline = outline(Reference.model("nemotron"));
    assertEquals("nemotron", outline.architecture());
    assertEquals(List.of(GgmlType.F32), List.copyOf(outline.types().keySet()));
    String lines = String.join("\n", outline.lines());
    for (String part :
        List.of(
            "layers            2 of width 48",
            "attention         6 heads of 8, 2 of keys and values",
            "neurons           112 a layer, RELU_SQUARED: those that are zero are skipped",
            "stored as         F32 100.0%",
            "tokenizer         SentencePiece BPE, 279 tokens",
            "context           96 tokens, 256 bytes of cache each",
            "chat template     no",
            "repacked at load  2 down projections in F32, by neurons: 43,008 bytes become"
                + " 43,008")) {
      assertTrue(lines.contains(part), part + "\nis not in\n" + lines);
    }
  }

  @Test
  void refusesWhatTheLoaderRefuses() throws IOException {
    Path unknown =
        new TinyModel()
            .with(writer -> writer.text("general.architecture", "mamba"))
            .write(folder.resolve("unknown.gguf"));
    Path incomplete =
        new TinyModel().without("blk.0.ffn_up.weight").write(folder.resolve("incomplete.gguf"));
    for (Path file : List.of(unknown, incomplete)) {
      String byLoader =
          assertThrows(
                  ModelFileException.class, () -> LoadedModel.open(file, Kernels.select()).close())
              .getMessage();
      assertEquals(
          byLoader, assertThrows(ModelFileException.class, () -> outline(file)).getMessage());
    }
  }

  private static ModelOutline outline(Path file) {
    try (GgufFile opened = GgufFile.open(file)) {
      return ModelOutline.of(opened);
    }
  }
}
