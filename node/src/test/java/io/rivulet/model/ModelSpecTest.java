package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Activation;
import io.rivulet.kernels.RopeLayout;
import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of a file's hyper-parameters, and which are refused in which words. */
class ModelSpecTest {

  private static final int VOCABULARY = 259;

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "llama, ROOT_MEAN_SQUARE, INTERLEAVED, SILU, true",
    "qwen2, ROOT_MEAN_SQUARE, HALVES, SILU, true",
    "qwen3, ROOT_MEAN_SQUARE, HALVES, SILU, true",
    "gemma, ROOT_MEAN_SQUARE, HALVES, GELU, true",
    "gemma2, ROOT_MEAN_SQUARE, HALVES, GELU, true",
    "gemma3, ROOT_MEAN_SQUARE, HALVES, GELU, true",
    "phi3, ROOT_MEAN_SQUARE, HALVES, SILU, true",
    "arcee, ROOT_MEAN_SQUARE, INTERLEAVED, RELU_SQUARED, false",
    "bitnet, ROOT_MEAN_SQUARE, HALVES, SILU, true",
    "bitnet-b1.58, ROOT_MEAN_SQUARE, HALVES, RELU_SQUARED, true",
    "nemotron, LAYER, HALVES, RELU_SQUARED, false",
    "falcon, LAYER, HALVES, GELU, false",
  })
  void knowsArchitectures(
      String name, Normalization norm, RopeLayout layout, Activation activation, boolean gated) {
    ModelSpec spec = read(name, w -> {});
    assertEquals(name, spec.architecture());
    assertEquals(norm, spec.norms().kind());
    RopeScaling plain = new RopeScaling(10_000, 1, 1, Optional.empty());
    assertEquals(new RopeSpec(layout, 8, 32, plain, plain), spec.rope().orElseThrow());
    assertEquals(new FeedForwardSpec(gated, activation, 0, false), spec.feedForward());
    assertEquals(name.startsWith("gemma") ? (float) Math.sqrt(32) : 1, spec.embeddingScale());
    assertEquals(name.equals("falcon"), spec.parallel());
  }

  @Test
  void positionsOfOptAreLearned() {
    ModelSpec spec = read("opt", w -> {});
    assertTrue(spec.rope().isEmpty());
    assertEquals(Activation.RELU, spec.feedForward().activation());
    assertTrue(spec.sparse());
  }

  @Test
  void everySecondLayerOfGemma2SeesAWindow() {
    AttentionSpec attention =
        read("gemma2", w -> w.integer("gemma2.attention.sliding_window", 10)).attention();
    assertEquals(List.of(true, false, true, false), layers(attention, 4));
    assertEquals(10, attention.window());
  }

  @Test
  void gemma2CapsScoresAndLogitsWhereItsFileIsSilent() {
    ModelSpec usual = read("gemma2", w -> {});
    assertEquals(4096, usual.attention().window());
    assertEquals(50, usual.attention().softCap());
    assertEquals(30, usual.logitCap());
    ModelSpec none =
        read(
            "gemma2",
            w ->
                w.real("gemma2.attn_logit_softcapping", 0)
                    .real("gemma2.final_logit_softcapping", 0));
    assertEquals(0, none.attention().softCap());
    assertEquals(0, none.logitCap());
  }

  @Test
  void localLayersOfGemma3TurnByABaseOfTheirOwnAndUnscaled() {
    Consumer<GgufWriter> keys =
        w ->
            w.integer("gemma3.attention.sliding_window", 10)
                .real("gemma3.rope.freq_base", 1e6f)
                .text("gemma3.rope.scaling.type", "linear")
                .real("gemma3.rope.scaling.factor", 8);
    ModelSpec spec = read("gemma3", keys);
    assertEquals(List.of(true, true, true, true, true, false, true), layers(spec.attention(), 7));
    RopeSpec rope = spec.rope().orElseThrow();
    assertEquals(1e6, rope.global().base());
    assertEquals(8, rope.global().factor());
    assertEquals(10_000, rope.local().base());
    assertEquals(1, rope.local().factor());
    ModelSpec named = read("gemma3", keys.andThen(w -> w.real("gemma3.rope.freq_base_swa", 5000)));
    assertEquals(5000, named.rope().orElseThrow().local().base());
    assertFalse(read("gemma3", w -> {}).attention().local(0));
  }

  @Test
  void theLargestGemmasDivideScoresByTheRootOfWidthOverHeads() {
    Consumer<GgufWriter> wideHeads =
        w ->
            w.integer("gemma2.attention.key_length", 16)
                .integer("gemma2.attention.value_length", 16);
    assertEquals(0.25f, read("gemma2", wideHeads).attention().scale());
    ModelSpec largest = read("gemma2", wideHeads.andThen(w -> w.integer("gemma2.block_count", 46)));
    assertEquals((float) (1 / Math.sqrt(8)), largest.attention().scale());
    ModelSpec named =
        read("gemma2", wideHeads.andThen(w -> w.real("gemma2.attention.scale", 0.5f)));
    assertEquals(0.5f, named.attention().scale());
  }

  @Test
  void phi3SeesTheWholeContextWhateverWindowItsFileNames() {
    AttentionSpec attention =
        read("phi3", w -> w.integer("phi3.attention.sliding_window", 10)).attention();
    assertFalse(attention.local(0));
  }

  @Test
  void yarnRaisesTheMagnitudeAndKeepsFastFrequencies() {
    Consumer<GgufWriter> yarn =
        w ->
            w.integer("llama.attention.key_length", 64)
                .integer("llama.attention.value_length", 64)
                .text("llama.rope.scaling.type", "yarn")
                .real("llama.rope.scaling.factor", 4)
                .integer("llama.rope.scaling.original_context_length", 4096);
    RopeScaling scaling = read("llama", yarn).rope().orElseThrow().global();
    assertEquals(1 + 0.1 * Math.log(4), scaling.magnitude(), 1e-7);
    float[] divisors = new float[32];
    Arrays.fill(divisors, 1);
    float[] scaled = scaling.frequencies(64, divisors);
    // A pair turns 4096 f / 2 pi times: 32 times at pair 10.47, once at pair 22.51.
    for (int pair = 0; pair < 32; pair++) {
      double own = Math.pow(10_000, -pair / 32.0);
      double kept = Math.clamp(1 - (pair - 10) / 13.0, 0, 1);
      assertEquals(own * kept + own / 4 * (1 - kept), scaled[pair], 1e-7 * own);
    }
    RopeScaling named =
        read("llama", yarn.andThen(w -> w.real("llama.rope.scaling.yarn_attn_factor", 1.5f)))
            .rope()
            .orElseThrow()
            .global();
    assertEquals(1.5f, named.magnitude());
  }

  @ParameterizedTest
  @CsvSource({
    "silu, SILU, false",
    "gelu, GELU, false",
    "gelu_erf, GELU_ERF, false",
    "relu, RELU, true",
    "relu2, RELU_SQUARED, true"
  })
  void anyArchitectureTakesAnyActivation(String name, Activation activation, boolean sparse) {
    for (String architecture : List.of("llama", "falcon", "gemma3")) {
      ModelSpec spec = read(architecture, w -> w.text(architecture + ".hidden_activation", name));
      assertEquals(activation, spec.feedForward().activation());
      assertEquals(sparse, spec.sparse());
    }
  }

  @Test
  void fatReluIsReluWithAThresholdAndDReluRectifiesUpToo() {
    FeedForwardSpec fat =
        read(
                "llama",
                w ->
                    w.text("llama.hidden_activation", "fatrelu")
                        .real("llama.hidden_activation_threshold", 0.01f))
            .feedForward();
    assertEquals(new FeedForwardSpec(true, Activation.RELU, 0.01f, false), fat);
    FeedForwardSpec both =
        read("llama", w -> w.text("llama.hidden_activation", "drelu")).feedForward();
    assertEquals(new FeedForwardSpec(true, Activation.RELU, 0, true), both);
  }

  @Test
  void refusesAThresholdWithoutItsActivationAndTheReverse() {
    assertRefused(
        "llama",
        w -> w.real("llama.hidden_activation_threshold", 0.1f),
        "key llama.hidden_activation_threshold is there, but llama.hidden_activation is not"
            + " 'fatrelu'");
    assertRefused(
        "llama",
        w -> w.text("llama.hidden_activation", "fatrelu"),
        "key llama.hidden_activation_threshold is missing");
    assertRefused(
        "llama",
        w ->
            w.text("llama.hidden_activation", "fatrelu")
                .real("llama.hidden_activation_threshold", -1),
        "key llama.hidden_activation_threshold is -1.0, expected at least 0");
    assertRefused(
        "nemotron",
        w -> w.text("nemotron.hidden_activation", "drelu"),
        "key nemotron.hidden_activation is 'drelu', but FFNs of nemotron have no gate");
  }

  @Test
  void refusesAWindowWhereNoLayerIsLocal() {
    assertRefused(
        "llama",
        w -> w.integer("llama.attention.sliding_window", 31),
        "key llama.attention.sliding_window is 31, but in llama models this version lets every"
            + " layer see the whole context of 32");
    assertEquals(
        0,
        read("llama", w -> w.integer("llama.attention.sliding_window", 32)).attention().window());
  }

  @ParameterizedTest
  @CsvSource({
    "attention.max_alibi_bias, 8.0, 0.0",
    "attention.clamp_kqv, 8.0, 0.0",
    "embedding_scale, 12.0, 1.0",
    "residual_scale, 0.5, 1.0",
    "logit_scale, 0.5, 1.0",
    "rope.scaling.alpha, 2.0, 0.0",
    "rope.scaling.yarn_log_multiplier, 0.5, 0.0"
  })
  void refusesNumbersThatNoComputationHereDependsOn(String key, float value, double neutral) {
    assertRefused(
        "qwen2",
        w -> w.real("qwen2." + key, value),
        "key qwen2.%s is %s, but this version computes only %s".formatted(key, value, neutral));
    assertEquals(
        "qwen2", read("qwen2", w -> w.real("qwen2." + key, (float) neutral)).architecture());
  }

  @Test
  void refusesLocalLayersOfOtherSizesThanTheRest() {
    assertRefused(
        "gemma3",
        w -> w.integer("gemma3.attention.key_length_swa", 16),
        "key gemma3.attention.key_length_swa is 16, but heads of keys have size 8");
    assertRefused(
        "gemma3",
        w -> w.integer("gemma3.rope.dimension_count_swa", 4),
        "key gemma3.rope.dimension_count_swa is 4, but in other layers 8 elements turn");
  }

  @Test
  void refusesHeadsThatTogetherAreTooLarge() {
    assertRefused(
        "llama",
        w ->
            w.integer("llama.attention.head_count", 4096)
                .integer("llama.attention.head_count_kv", 4096)
                .integer("llama.attention.key_length", 1 << 19),
        "key llama.attention.head_count is 4096, which with heads of size 524288 is more than"
            + " 1048576 numbers");
  }

  @Test
  void refusesScalingThatCannotBeComputed() {
    assertRefused(
        "llama",
        w -> w.text("llama.rope.scaling.type", "yarn").real("llama.rope.freq_base", 1),
        "key llama.rope.freq_base is 1.0, but YaRN needs more than 1");
    assertRefused(
        "qwen2",
        w -> w.text("qwen2.rope.scaling.type", "longrope"),
        "key qwen2.rope.scaling.type is 'longrope', which this version does not compute in qwen2"
            + " models");
    assertRefused(
        "llama",
        w -> w.real("llama.rope.scaling.factor", 0),
        "key llama.rope.scaling.factor is 0.0, expected more than 0");
  }

  private static List<Boolean> layers(AttentionSpec attention, int count) {
    return IntStream.range(0, count).mapToObj(attention::local).toList();
  }

  private ModelSpec read(String architecture, Consumer<GgufWriter> keys) {
    try {
      Path path = new TinyModel(architecture).with(keys).write(folder.resolve("model.gguf"));
      try (var file = GgufFile.open(path)) {
        return ModelSpecReader.read(file, VOCABULARY);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void assertRefused(String architecture, Consumer<GgufWriter> keys, String expected) {
    String message =
        assertThrows(ModelFileException.class, () -> read(architecture, keys)).getMessage();
    assertTrue(message.contains("model.gguf: " + expected), message);
    assertEquals(1, message.lines().count());
  }
}
