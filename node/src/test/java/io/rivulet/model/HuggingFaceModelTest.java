package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.profile.ProfiledModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Directories compute what an independent implementation recorded for the same weights. */
class HuggingFaceModelTest {

  /**
   * What no directory says: factors at random, BitNet's forms that only GGUF has, and an epsilon
   * for OPT, which is always 1e-5.
   */
  private static final Set<String> ONLY_IN_GGUF =
      Set.of("llama3-frequencies.gguf", "bitnet.gguf", "bitnet-scales.gguf", "opt.gguf");

  @TempDir private Path folder;

  static List<Path> models() throws IOException {
    return Continuation.models("architectures").stream()
        .filter(model -> !ONLY_IN_GGUF.contains(model.getFileName().toString()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("models")
  void computesTheRecordedLogits(Path gguf) throws IOException {
    Path directory = HuggingFaceExport.write(gguf, folder.resolve("model"), Map.of());
    Continuation recorded = Continuation.of(gguf);
    try (var model = LoadedModel.open(directory, Kernels.select());
        var reference = LoadedModel.open(gguf, Kernels.select())) {
      assertEquals(
          reference.spec().toString().replaceFirst("name=[^,]*", ""),
          model.spec().toString().replaceFirst("name=[^,]*", ""));
      List<float[]> logits = logits(model, recorded);
      for (int at = 0; at < recorded.tokens().size(); at++) {
        List<Integer> ids = recorded.topIds().get(at);
        double greatest = Math.abs(recorded.topLogits().get(at).getFirst());
        for (int i = 0; i < ids.size(); i++) {
          double expected = recorded.topLogits().get(at).get(i);
          assertEquals(expected, logits.get(at)[ids.get(i)], 1e-3 * greatest, "place " + at);
        }
      }
    }
  }

  @Test
  void aDirectoryIsTheSameModelUnderAnotherName() throws IOException {
    Path gguf = Reference.model("architectures/gemma");
    Path directory = HuggingFaceExport.write(gguf, folder.resolve("model"), Map.of());
    try (var model = LoadedModel.open(directory, Kernels.select())) {
      ProfiledModel profiled = model.profiled();
      assertEquals(model.spec().layers(), profiled.layers());
      assertEquals(model.spec().neurons(), profiled.neurons());
      assertEquals(model.spec().width(), profiled.width());
      Path moved = Files.move(directory, folder.resolve("renamed"));
      try (var renamed = LoadedModel.open(moved, Kernels.select())) {
        assertEquals(profiled, renamed.profiled());
      }
    }
  }

  @Test
  void computesOptWithTheEpsilonThatItsConfigLeavesUnsaid() throws IOException {
    Path recorded =
        Continuation.models("architectures").stream()
            .filter(model -> model.endsWith("opt.gguf"))
            .findFirst()
            .orElseThrow();
    Path gguf = withEpsilon(recorded, "opt.attention.layer_norm_epsilon", 1e-5f);
    Path directory = HuggingFaceExport.write(gguf, folder.resolve("model"), Map.of());
    Continuation tokens = Continuation.of(recorded);
    try (var model = LoadedModel.open(directory, Kernels.select());
        var same = LoadedModel.open(gguf, Kernels.select())) {
      List<float[]> expected = logits(same, tokens);
      List<float[]> actual = logits(model, tokens);
      for (int at = 0; at < expected.size(); at++) {
        assertArrayEquals(expected.get(at), actual.get(at));
      }
    }
  }

  /** The key's bytes are followed by those of its type, then by the value. */
  private Path withEpsilon(Path gguf, String key, float epsilon) throws IOException {
    byte[] bytes = Files.readAllBytes(gguf);
    int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(key) + key.length();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(at + Integer.BYTES, epsilon);
    return Files.write(folder.resolve("changed.gguf"), bytes);
  }

  /** Of the recorded tokens' places, given all before. */
  static List<float[]> logits(LoadedModel model, Continuation recorded) {
    List<Integer> all = new ArrayList<>(recorded.prompt());
    all.addAll(recorded.tokens());
    int length = all.size() - 1;
    int first = recorded.prompt().size() - 1;
    var logits = new ArrayList<float[]>();
    try (var team = new ThreadTeam(1);
        var pass = model.transformer().forwardPass(team, length, length, length)) {
      Batch batch = new Batch(length);
      int[] blocks = CacheBlocks.all(pass);
      for (int at = 0; at < length; at++) {
        batch.add(all.get(at), at, blocks, SparsityMode.EXACT, at >= first);
      }
      pass.run(batch);
      for (int row = 0; row <= length - 1 - first; row++) {
        logits.add(pass.logits().row(row).clone());
      }
    }
    return logits;
  }
}
