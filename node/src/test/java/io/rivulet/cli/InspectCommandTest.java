package io.rivulet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A file that cannot be computed with is listed all the same, with the reason. */
class InspectCommandTest {

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void writesAFileOfAnUnknownArchitecture() throws IOException {
    file = folder.resolve("model.gguf");
    new GgufWriter().text("general.architecture", "mamba").vector("a", 1, 2).write(file);
  }

  @Test
  void listsAFileThatCannotBeRun() {
    String output = CommandOutput.of("inspect", "--model", file.toString());
    assertTrue(output.contains("cannot be run: " + file + ": key general.architecture"), output);
    assertTrue(output.contains("  a  F32  2  8 bytes"), output);
  }

  @Test
  void listsItAsJson() {
    JsonNode json =
        JsonMapper.shared()
            .readTree(CommandOutput.of("inspect", "--model", file.toString(), "--json"));
    assertTrue(json.get("model").isNull());
    assertTrue(json.get("problem").asString().contains("'mamba'"));
    assertEquals("a", json.get("file").get("tensors").get(0).get("name").asString());
  }
}
