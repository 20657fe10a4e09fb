package io.rivulet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.profile.ModelFingerprint;
import io.rivulet.model.profile.ProfiledModel;
import io.rivulet.model.profile.SparsityProfileFile;
import io.rivulet.model.profile.TinyProfile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A file that cannot be computed with is listed all the same, with the reason; so is a profile. */
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

  @Test
  void listsASparsityProfile() throws IOException {
    Path profile = profile();
    String output = CommandOutput.of("inspect", "--model", profile.toString());
    assertTrue(
        output.contains("CETT 0.200        perplexity 8.6250, density 12.5 %, chosen"), output);
    assertTrue(output.contains("layer 0           4 neurons, density 12.5 %"), output);
    assertTrue(output.contains("predictor of rank 2: recall 97.0 %"), output);
    JsonNode json =
        JsonMapper.shared()
            .readTree(CommandOutput.of("inspect", "--model", profile.toString(), "--json"));
    assertEquals(0.97, json.at("/profile/layers/1/quality/recall").doubleValue());
  }

  private Path profile() throws IOException {
    var model = new ProfiledModel(new ModelFingerprint("a".repeat(64)), 2, 4, 6);
    try (Arena arena = Arena.ofConfined()) {
      Path path = folder.resolve("profile.safetensors");
      SparsityProfileFile.write(TinyProfile.of(model, arena), path);
      return path;
    }
  }
}
