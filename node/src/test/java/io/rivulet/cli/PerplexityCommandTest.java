package io.rivulet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is asked for on the command line is what is measured. */
class PerplexityCommandTest {

  @TempDir private Path folder;
  private Path text;

  @BeforeEach
  void writesAText() throws IOException {
    text = folder.resolve("text.txt");
    Files.writeString(text, "the rain in Spain stays mainly in the plain ".repeat(10));
  }

  @Test
  void slidesByTheStride() throws URISyntaxException {
    JsonNode separate = perplexity();
    JsonNode sliding = perplexity("--stride", "8");
    JsonNode finer = perplexity("--stride", "4");
    assertEquals(sliding.get("tokens").asInt(), finer.get("tokens").asInt());
    assertNotEquals(separate.get("tokens").asInt(), sliding.get("tokens").asInt());
    assertNotEquals(sliding.get("perplexity").asDouble(), finer.get("perplexity").asDouble());
  }

  private JsonNode perplexity(String... more) throws URISyntaxException {
    Path model =
        Path.of(Objects.requireNonNull(getClass().getResource("/reference/nemotron.gguf")).toURI());
    Stream<String> always =
        Stream.of("perplexity", "--json", "--context", "16", "--model", model.toString());
    Stream<String> rest = Stream.concat(Stream.of("--text", text.toString()), Stream.of(more));
    String[] all = Stream.concat(always, rest).toArray(String[]::new);
    return JsonMapper.shared().readTree(CommandOutput.of(all));
  }
}
