package io.rivulet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** From a model and a text to a profile, and what the other commands do with it. */
class CalibrateCommandTest {

  @TempDir private Path folder;
  private Path model;
  private Path text;

  @BeforeEach
  void writesAModelAndAText() throws IOException {
    model = folder.resolve("some.gguf");
    Files.copy(Reference.model("nemotron"), model);
    text = folder.resolve("text.txt");
    Random random = new Random(1);
    StringBuilder letters = new StringBuilder();
    for (int i = 0; i < 4000; i++) {
      letters.append((char) (i % 5 == 4 ? ' ' : 'a' + random.nextInt(26)));
    }
    Files.writeString(text, letters);
  }

  @Test
  void writesAProfileThatIsFoundBesideTheModel() {
    JsonNode found =
        json(
            "calibrate",
            "--model",
            model.toString(),
            "--text",
            text.toString(),
            "--context",
            "32",
            "--tokens",
            "1024",
            "--cett",
            "0,0.2",
            "--ppl-budget",
            "1000",
            "--json");
    Path profile = folder.resolve("some.profile.safetensors");
    assertEquals(profile.toString(), found.get("profile").asString());
    assertEquals(
        found.get("dense_perplexity").doubleValue(),
        found.at("/points/0/perplexity").doubleValue());
    assertTrue(
        found.at("/points/1/density").doubleValue() < found.at("/points/0/density").doubleValue());

    assertFalse(Files.exists(folder.resolve("some.profile.safetensors.partial")));

    JsonNode exact = perplexity("exact");
    JsonNode threshold = perplexity("threshold");
    assertTrue(
        threshold.at("/layer_density/0").doubleValue()
            < exact.at("/layer_density/0").doubleValue());
  }

  @Test
  void aReportNamesTheModelsSideBySide() throws IOException {
    Path other = folder.resolve("other.gguf");
    Files.copy(Reference.model("llama-relu"), other);
    Path page = folder.resolve("page.html");
    CommandOutput.of(
        "analyze",
        "--model",
        model.toString(),
        "--model",
        other.toString(),
        "--text",
        text.toString(),
        "--tokens",
        "1024",
        "--out",
        page.toString());
    String html = Files.readString(page);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(Set.of(model, other, text, page), files.collect(Collectors.toSet()));
    }
    assertTrue(html.contains(">some<") && html.contains(">other<"), html.substring(0, 3000));
  }

  private JsonNode perplexity(String mode) {
    return json(
        "perplexity",
        "--model",
        model.toString(),
        "--text",
        text.toString(),
        "--context",
        "32",
        "--sparsity",
        mode,
        "--json");
  }

  private static JsonNode json(String... arguments) {
    return JsonMapper.shared().readTree(CommandOutput.of(arguments));
  }
}
