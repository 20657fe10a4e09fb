package io.rivulet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input gets one line that names the input, the reason and the mend. */
class BadInputTest {

  @TempDir private Path folder;

  @Test
  void aJavaHomeThatIsNone() throws Exception {
    Launcher.Outcome outcome =
        Launcher.run(Map.of("RIVULET_JAVA_HOME", folder.toString()), "inspect");
    assertEquals(1, outcome.exitCode());
    assertOneLine(outcome, folder.toString(), "JDK 25", "RIVULET_JAVA_HOME");
  }

  @Test
  void aModelThatDoesNotExist() throws Exception {
    assertRefused(List.of("no-such.gguf", "not exist"), "generate", "--model", "no-such.gguf");
  }

  @Test
  void aModelThatIsNotGguf() throws Exception {
    Path text = Files.writeString(folder.resolve("story.gguf"), "Once upon a time");
    assertRefused(List.of("story.gguf", "GGUF"), "generate", "--model", text.toString());
  }

  @Test
  void aTruncatedModel() throws Exception {
    Path cut = folder.resolve("cut.gguf");
    Files.copy(Path.of("model", "rivulet-tiny.gguf"), cut);
    try (var file = new RandomAccessFile(cut.toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }
    assertRefused(List.of("cut.gguf", "truncated"), "generate", "--model", cut.toString());
  }

  @Test
  void anEmptyPrompt() throws Exception {
    assertRefused(List.of("prompt", "empty"), "generate", "--prompt", "");
  }

  @Test
  void aChatForAModelWithoutATemplate() throws Exception {
    assertRefused(List.of("chat template", "prompt"), "generate", "--message", "Who is there?");
  }

  @Test
  void aPromptAndAChat() throws Exception {
    assertRefused(List.of("--prompt", "--message"), "generate", "--prompt", "A", "--message", "B");
  }

  @Test
  void moreAlternativesThanAreTold() throws Exception {
    assertRefused(
        List.of("top_logprobs", "20", "21"), "generate", "--prompt", "A", "--top-logprobs", "21");
  }

  @Test
  void aBiasForATokenThatIsNone() throws Exception {
    assertRefused(
        List.of("logit_bias", "99999"), "generate", "--prompt", "A", "--logit-bias", "99999=1");
  }

  @Test
  void noTokens() throws Exception {
    assertRefused(List.of("max_tokens", "0"), "generate", "--prompt", "A", "--max-tokens", "0");
  }

  @Test
  void moreTokensThanTheContext() throws Exception {
    assertRefused(List.of("100000", "512"), "generate", "--prompt", "A", "--max-tokens", "100000");
  }

  @Test
  void aSparsityModeThatIsUnknown() throws Exception {
    assertRefused(List.of("--sparsity", "lossy"), "generate", "--sparsity", "lossy");
  }

  @Test
  void aSyntheticModelsOptionsWithoutOne() throws Exception {
    assertRefused(List.of("--density", "--synthetic"), "bench", "--density", "0.1");
  }

  @Test
  void aDensityForNeuronsThatAreNeverZero() throws Exception {
    Path file = folder.resolve("dense.gguf");
    assertRefused(
        List.of("llama-1b", "density"),
        "bench",
        "--synthetic",
        "llama-1b",
        "--density",
        "0.1",
        "--write",
        file.toString());
    assertFalse(Files.exists(file));
  }

  @Test
  void aPortInUse() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Launcher.Outcome outcome = Launcher.run("broker", "--port", port);
      assertEquals(1, outcome.exitCode(), outcome.err());
      assertOneLine(outcome, port, "in use", "another port");
    }
  }

  @Test
  void aKafkaThatIsNotThere() throws Exception {
    int free;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    String address = "127.0.0.1:" + free;
    for (String command : List.of("serve", "submit")) {
      Launcher.Outcome outcome = Launcher.run(command, "--bootstrap-servers", address);
      assertEquals(1, outcome.exitCode(), outcome.err());
      assertOneLine(outcome, address);
    }
  }

  private static void assertRefused(List<String> words, String... arguments) throws Exception {
    Launcher.Outcome outcome = Launcher.run(arguments);
    assertEquals(2, outcome.exitCode(), outcome.err());
    assertOneLine(outcome, words.toArray(String[]::new));
  }

  private static void assertOneLine(Launcher.Outcome outcome, String... words) {
    assertEquals("", outcome.out());
    List<String> lines =
        outcome.err().lines().filter(line -> !line.startsWith("WARNING: Using incubator")).toList();
    assertEquals(1, lines.size(), outcome.err());
    for (String word : words) {
      assertTrue(lines.getFirst().contains(word), () -> word + " is not in: " + lines.getFirst());
    }
  }
}
