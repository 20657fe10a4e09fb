package io.rivulet.fuzz;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.function.ThrowingConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every seed, and every input that fuzzing once found to do harm, does none. */
class FuzzTargetsTest {

  static List<Path> modelFiles() throws Exception {
    return inputs("model-file");
  }

  static List<Path> tokenizers() throws Exception {
    return inputs("tokenizer");
  }

  static List<Path> chatTemplates() throws Exception {
    return inputs("chat-template");
  }

  static List<Path> safetensors() throws Exception {
    return inputs("safetensors");
  }

  static List<Path> sparsityProfiles() throws Exception {
    return inputs("sparsity-profile");
  }

  @ParameterizedTest
  @MethodSource("sparsityProfiles")
  void readsOrRefusesASparsityProfile(Path input) {
    assertHarmless(input, SparsityProfileTarget::fuzzerTestOneInput);
  }

  @ParameterizedTest
  @MethodSource("safetensors")
  void opensOrRefusesADirectory(Path input) {
    assertHarmless(input, SafetensorsTarget::fuzzerTestOneInput);
  }

  @ParameterizedTest
  @MethodSource("modelFiles")
  void opensOrRefusesAModelFile(Path input) {
    assertHarmless(input, ModelFileTarget::fuzzerTestOneInput);
  }

  @ParameterizedTest
  @MethodSource("tokenizers")
  void makesOrRefusesATokenizer(Path input) {
    assertHarmless(input, TokenizerTarget::fuzzerTestOneInput);
  }

  @ParameterizedTest
  @MethodSource("chatTemplates")
  void rendersOrRefusesAChatTemplate(Path input) {
    assertHarmless(input, ChatTemplateTarget::fuzzerTestOneInput);
  }

  private static void assertHarmless(Path input, ThrowingConsumer<byte[]> target) {
    assertDoesNotThrow(() -> target.accept(Files.readAllBytes(input)), input.toString());
  }

  private static List<Path> inputs(String target) throws IOException, URISyntaxException {
    Path folder =
        Path.of(requireNonNull(FuzzTargetsTest.class.getResource("/fuzz/" + target)).toURI());
    try (var files = Files.list(folder)) {
      List<Path> inputs = files.sorted().toList();
      assertFalse(inputs.isEmpty(), folder.toString());
      return inputs;
    }
  }
}
