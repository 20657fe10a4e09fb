package io.rivulet.fuzz;

import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.profile.SparsityProfile;
import io.rivulet.model.profile.SparsityProfileFile;
import io.rivulet.model.profile.SparsityProfileSummary;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;

/** Reads a sparsity profile, and sums it up. */
public final class SparsityProfileTarget {

  private SparsityProfileTarget() {}

  /** Called by Jazzer with what it made up. */
  public static void fuzzerTestOneInput(byte[] data) throws IOException {
    Path file = Scratch.write("profile.safetensors", data);
    try (Arena arena = Arena.ofConfined()) {
      SparsityProfile profile = SparsityProfileFile.read(file, arena);
      if (profile.layers().size() >= SparsityProfileSummary.of(profile).lines().size()) {
        throw new IllegalStateException("a layer has no line");
      }
    } catch (ModelFileException e) {
      Scratch.requireOneLine(e);
    }
  }
}
