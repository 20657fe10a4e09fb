package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.GgufConversion;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.ModelFiles;
import io.rivulet.model.RandomProfile;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.profile.SparsityProfileFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same request gives the same tokens, with the same probabilities to the bit, however it is
 * computed: with vectors of any width, by any number of threads, alone or in a batch, its prompt
 * whole or in chunks, with zero neurons left out or not; and where audits make layers fall back.
 * What is right is what one thread computes without vectors. The build runs this in every vector
 * width, each in a JVM of its own.
 */
@Timeout(120)
class DeterminismTest {

  private static final String PROMPT = "the rain in Spain stays mainly in the plain";
  private static final int TOKENS = 12;

  /** So that audits have found something before the end. */
  private static final int TOKENS_AUDITED = 44;

  private static final int[] THREADS = {1, 2, 3, 7};
  private static final int[] CHUNKS = {5, 64};

  /** With which some layers of random predictors fall back, soon. */
  private static final AuditOptions AUDITS = new AuditOptions(2, 0.3, 0.15);

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"f32", "bf16", "q8_0", "q4_0", "q4_k", "q6_k", "tq2_0"})
  void ofAModelThatSkipsZeros(String type) throws Exception {
    assertAlwaysTheSame(Reference.model("types/" + type));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "Q8_0", "Q4_0"})
  void ofAGatedModel(WeightType type) throws Exception {
    assertAlwaysTheSame(gated(type));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"types/f32", "types/q8_0", "types/q4_0", "types/q4_k", "llama", "llama-relu"})
  void ofACalibratedModel(String name) throws Exception {
    Path file = Reference.model(name);
    Path profile = folder.resolve("profile.safetensors");
    try (var model = LoadedModel.open(file, Kernels.scalar());
        Arena arena = Arena.ofShared()) {
      SparsityProfileFile.write(new RandomProfile(0.002f, 1, 0).of(model, arena), profile);
    }
    for (SparsityMode mode : List.of(SparsityMode.THRESHOLD, SparsityMode.PREDICTED)) {
      List<LogProbabilities> expected;
      try (var model = LoadedModel.open(file, profile, Kernels.scalar());
          var engine =
              BatchEngine.start(model, EngineOptions.DEFAULT.withThreads(1).withAudits(AUDITS))) {
        Recording recording = submit(engine, mode);
        expected = said(recording);
        NeuronActivity activity = recording.result().activity();
        assertTrue(activity.audits().audits() > 0, "nothing was audited");
        assertTrue(mode == SparsityMode.THRESHOLD || activity.fallbacks() > 0, "all were trusted");
        assertNotEquals(expected, said(submit(engine, SparsityMode.EXACT)), "nothing was left out");
      }
      try (var model = LoadedModel.open(file, profile, kernels())) {
        for (int threads : THREADS) {
          var options =
              EngineOptions.DEFAULT.withThreads(threads).withPrefillChunk(5).withAudits(AUDITS);
          try (var engine = BatchEngine.start(model, options)) {
            String how = mode + " with " + threads + " threads, ";
            assertEquals(expected, said(submit(engine, mode)), how + "alone");
            for (Recording recording : submitAmongOthers(engine, mode)) {
              assertEquals(expected, said(recording), how + "in a batch");
            }
          }
        }
      }
    }
  }

  private Path gated(WeightType type) throws IOException {
    Path converted = folder.resolve("gated.gguf");
    try (var model = ModelFiles.open(Reference.model("llama"))) {
      GgufConversion.to(model, type).write(converted, (bytes, total) -> {});
    }
    return converted;
  }

  private static void assertAlwaysTheSame(Path file) throws Exception {
    List<LogProbabilities> expected = oneThreadWithoutVectors(file);
    try (var model = LoadedModel.open(file, kernels())) {
      for (int threads : THREADS) {
        for (int chunk : CHUNKS) {
          var options = EngineOptions.DEFAULT.withThreads(threads).withPrefillChunk(chunk);
          try (var engine = BatchEngine.start(model, options)) {
            String how = threads + " threads, a prompt by " + chunk + ", ";
            assertEquals(expected, said(submit(engine, SparsityMode.EXACT)), how + "alone");
            assertEquals(expected, said(submit(engine, SparsityMode.OFF)), how + "alone, dense");
            for (Recording recording :
                submitAmongOthers(engine, SparsityMode.EXACT, SparsityMode.OFF)) {
              assertEquals(expected, said(recording), how + "in a batch");
            }
          }
        }
      }
    }
  }

  /** Skips the test where this machine's vectors are narrower than those to be tested. */
  private static Kernels kernels() {
    try {
      return Kernels.select();
    } catch (IllegalStateException e) {
      return Assumptions.abort(e.getMessage());
    }
  }

  private static List<LogProbabilities> oneThreadWithoutVectors(Path file) throws Exception {
    var options = EngineOptions.DEFAULT.withThreads(1).withPrefillChunk(64);
    try (var model = LoadedModel.open(file, Kernels.scalar());
        var engine = BatchEngine.start(model, options)) {
      return said(submit(engine, SparsityMode.OFF));
    }
  }

  /** The request in some modes, with others before, between and after them. */
  private static List<Recording> submitAmongOthers(Engine engine, SparsityMode... modes) {
    List<Recording> ours = new ArrayList<>();
    submit(engine, task("another one", SparsityMode.OFF));
    for (SparsityMode mode : modes) {
      ours.add(submit(engine, mode));
      submit(engine, task("and one whose prompt is longer than ours", SparsityMode.EXACT));
    }
    submit(engine, task("e", SparsityMode.EXACT));
    return ours;
  }

  private static Recording submit(Engine engine, SparsityMode sparsity) {
    return submit(engine, task(PROMPT, sparsity));
  }

  private static Recording submit(Engine engine, GenerationTask task) {
    var recording = new Recording();
    engine.submit(task, recording);
    return recording;
  }

  private static GenerationTask task(String prompt, SparsityMode sparsity) {
    var sampling = new SamplingParameters(1, 0, 0.95, 0, 7);
    int tokens = sparsity.calibrated() ? TOKENS_AUDITED : TOKENS;
    return new GenerationTask(prompt, tokens, sampling, sparsity)
        .withStop(new StopParameters(List.of(), Set.of(), 0, true))
        .withTopLogprobs(3);
  }

  /** What was generated, and how likely it was. */
  private static List<LogProbabilities> said(Recording recording) throws Exception {
    recording.result();
    return recording.tokens().stream()
        .map(token -> token.logProbabilities().orElseThrow())
        .toList();
  }
}
