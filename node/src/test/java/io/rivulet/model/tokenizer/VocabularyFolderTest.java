package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Vocabularies that are too large to be kept beside the tests, as llama.cpp has them with cases in
 * its folder {@code models}: NAME.inp holds texts, NAME.out their ids, a line each, NAME is a GGUF
 * file or a directory with a tokenizer.json.
 */
@EnabledIfSystemProperty(
    named = VocabularyFolderTest.FOLDER,
    matches = ".+",
    disabledReason = "-Drivulet.vocabularies names no folder with vocabularies and their cases")
class VocabularyFolderTest {

  static final String FOLDER = "rivulet.vocabularies";

  /** As many as the largest vocabularies have. */
  private static final int ROWS = 1 << 18;

  private static final String SEPARATOR = "\n__ggml_vocab_test__\n";

  @TempDir Path converted;

  @TestFactory
  List<DynamicTest> givesTheIdsOfTheCases() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty(FOLDER)))) {
      return files
          .filter(file -> file.toString().endsWith(".inp"))
          .map(file -> file.resolveSibling(file.getFileName().toString().replace(".inp", "")))
          .filter(Files::exists)
          .sorted()
          .map(model -> dynamicTest(model.getFileName().toString(), () -> runCases(model)))
          .toList();
    }
  }

  private void runCases(Path model) throws IOException {
    Tokenizer tokenizer = tokenizer(model);
    String[] texts = Files.readString(Path.of(model + ".inp")).split(SEPARATOR, -1);
    List<String> ids = Files.readAllLines(Path.of(model + ".out"));
    assertEquals(ids.size(), texts.length - 1, "cases");
    int passed = 0;
    var failures = new StringBuilder();
    for (int i = 0; i < ids.size(); i++) {
      String actual = bare(tokenizer, texts[i]);
      if (actual.equals(ids.get(i).strip())) {
        passed++;
      } else {
        failures.append("%n%s%n expected %s%n was      %s".formatted(texts[i], ids.get(i), actual));
      }
    }
    System.out.printf("%s: %d of %d%n", model.getFileName(), passed, ids.size());
    assertTrue(failures.isEmpty(), failures.toString());
  }

  /** The ids without what is put around every text. */
  private static String bare(Tokenizer tokenizer, String text) {
    int[] around = tokenizer.encode("");
    boolean bos = around.length > 0 && around[0] == tokenizer.bos();
    int[] ids = tokenizer.encode(text);
    int end = ids.length - around.length + (bos ? 1 : 0);
    return Arrays.stream(ids, bos ? 1 : 0, end)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(" "));
  }

  private Tokenizer tokenizer(Path model) throws IOException {
    Path file = model;
    if (Files.isDirectory(model)) {
      file = converted.resolve("converted.gguf");
      var writer = new GgufWriter();
      TokenizerJson.describe(model, ROWS, writer);
      writer.write(file);
    }
    try (GgufFile gguf = GgufFile.open(file)) {
      return Tokenizers.from(gguf);
    }
  }
}
