package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Activation;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.RopeLayout;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.chat.ChatMessage;
import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model file says, and which files are refused in which words. */
class LoadedModelTest {

  @TempDir private Path folder;

  @Test
  void readsTheSpecOfANemotronModel() {
    try (var model = LoadedModel.open(Reference.model("nemotron"), Kernels.select())) {
      ModelSpec spec = model.spec();
      assertEquals("nemotron", spec.architecture());
      assertEquals("tiny random nemotron", spec.name());
      assertEquals(279, spec.vocabulary());
      assertEquals(96, spec.context());
      assertEquals(48, spec.width());
      assertEquals(2, spec.layers());
      assertEquals(6, spec.attention().heads());
      assertEquals(2, spec.attention().keyValueHeads());
      assertEquals(8, spec.attention().headSize());
      assertEquals(112, spec.neurons());
      assertEquals(4, spec.rope().orElseThrow().dims());
      assertEquals(RopeLayout.HALVES, spec.rope().orElseThrow().layout());
      assertEquals(Activation.RELU_SQUARED, spec.feedForward().activation());
      assertEquals(Normalization.LAYER, spec.norms().kind());
      assertFalse(spec.feedForward().gated());
      assertTrue(spec.sparse());
    }
  }

  @Test
  void givesTheFilesChatTemplateItsSpecialTokens() throws IOException {
    Path file =
        new TinyModel()
            .with(
                writer ->
                    writer.text(
                        "tokenizer.chat_template",
                        "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}"
                            + "{{ eos_token }}{% endfor %}assistant:"))
            .write(folder.resolve("chat.gguf"));
    try (var model = LoadedModel.open(file, Kernels.select())) {
      assertEquals(
          "<s>user: Hello</s>assistant:",
          model
              .chatTemplate()
              .orElseThrow()
              .render(List.of(new ChatMessage("user", "Hello")), Instant.EPOCH));
    }
  }

  @Test
  void hasNoChatTemplateWhereTheFileHasNone() {
    try (var model = LoadedModel.open(Reference.model("nemotron"), Kernels.select())) {
      assertTrue(model.chatTemplate().isEmpty());
    }
  }

  @Test
  void refusesAChatTemplateThatIsNoString() throws IOException {
    Path file =
        new TinyModel()
            .with(writer -> writer.integer("tokenizer.chat_template", 7))
            .write(folder.resolve("chat.gguf"));
    String message =
        assertThrows(
                ModelFileException.class, () -> LoadedModel.open(file, Kernels.select()).close())
            .getMessage();
    assertTrue(message.contains("key tokenizer.chat_template has type uint32"), message);
  }

  @Test
  void readsTheSpecOfALlamaModel() {
    try (var model = LoadedModel.open(Reference.model("llama"), Kernels.select())) {
      ModelSpec spec = model.spec();
      assertEquals(12, spec.attention().headSize());
      assertEquals(48, spec.attention().queryWidth());
      assertEquals(RopeLayout.INTERLEAVED, spec.rope().orElseThrow().layout());
      assertEquals(2, spec.rope().orElseThrow().global().factor());
      assertEquals(Activation.SILU, spec.feedForward().activation());
      assertEquals(Normalization.ROOT_MEAN_SQUARE, spec.norms().kind());
      assertTrue(spec.feedForward().gated());
      assertFalse(spec.sparse());
    }
  }

  @Test
  void takesTheActivationFromTheFile() {
    try (var model = LoadedModel.open(Reference.model("llama-relu"), Kernels.select())) {
      assertEquals(Activation.RELU, model.spec().feedForward().activation());
      assertTrue(model.spec().sparse());
    }
  }

  @Test
  void countsTheBytesOfWeights() throws IOException {
    try (var model =
        LoadedModel.open(new TinyModel().write(folder.resolve("m")), Kernels.select())) {
      int floats = 259 * 32 + 3 * 32 * 32 + 2 * 64 * 32;
      assertEquals(4L * floats, model.weightBytes());
      assertEquals(4L * 64 * 32, model.transformer().downBytes());
      assertEquals(Files.size(folder.resolve("m")), model.fileBytes());
    }
  }

  @Test
  void refusesAnUnknownArchitecture() {
    assertRefused(
        w -> w.text("general.architecture", "mamba"),
        "key general.architecture is 'mamba', but this version computes only llama, qwen2,");
  }

  @Test
  void refusesAMissingSize() {
    assertRefusal(
        open(new TinyModel().with(w -> w.text("general.architecture", "llama"))),
        "key llama.embedding_length is missing");
  }

  @Test
  void refusesHeadsThatDoNotDivideTheWidth() {
    assertRefused(
        w -> w.integer("nemotron.attention.head_count", 5),
        "key nemotron.attention.head_count is 5, which does not divide nemotron.embedding_length"
            + " 32");
  }

  @Test
  void refusesKeyValueHeadsThatDoNotDivideTheHeads() {
    assertRefused(
        w -> w.integer("nemotron.attention.head_count_kv", 3),
        "key nemotron.attention.head_count_kv is 3, which does not divide the 4 heads");
  }

  @Test
  void refusesValuesOfAnotherSizeThanKeys() {
    assertRefused(
        w -> w.integer("nemotron.attention.value_length", 16),
        "key nemotron.attention.value_length is 16, but heads of keys have size 8");
  }

  @Test
  void refusesAnOddNumberOfRotaryDimensions() {
    assertRefused(
        w -> w.integer("nemotron.rope.dimension_count", 5),
        "key nemotron.rope.dimension_count is 5, but elements turn in pairs");
  }

  @Test
  void refusesRopeScalingThatItDoesNotCompute() {
    assertRefused(
        w -> w.text("nemotron.rope.scaling.type", "dynamic"),
        "key nemotron.rope.scaling.type is 'dynamic', but this version computes only none, linear,"
            + " yarn and longrope");
  }

  @Test
  void refusesAnUnknownActivation() {
    assertRefused(
        w -> w.text("nemotron.hidden_activation", "swish2"),
        "key nemotron.hidden_activation is 'swish2', but this version computes only drelu,"
            + " fatrelu, gelu, gelu_erf, relu, relu2, silu");
  }

  @Test
  void refusesMixturesOfExperts() {
    assertRefused(
        w -> w.integer("nemotron.expert_count", 8),
        "key nemotron.expert_count is 8, but mixtures of experts are not computed");
  }

  @Test
  void refusesAVocabularyOfAnotherSizeThanTheTokenizers() {
    assertRefused(
        w -> w.integer("nemotron.vocab_size", 300),
        "key nemotron.vocab_size is 300, but the tokenizer has 259 tokens");
  }

  @Test
  void refusesAMissingTensor() {
    assertRefusal(
        open(new TinyModel().without("blk.0.attn_v.weight")),
        "tensor blk.0.attn_v.weight is missing");
  }

  @Test
  void refusesATensorOfAnotherShape() {
    assertRefusal(
        open(
            new TinyModel()
                .without("blk.0.ffn_up.weight")
                .with(w -> TinyModel.matrix(w, "blk.0.ffn_up.weight", WeightType.F16, 60, 32))),
        "tensor blk.0.ffn_up.weight is 32 x 60, expected 32 x 64");
  }

  @Test
  void refusesALayerBeyondTheirNumber() {
    assertRefused(
        w -> TinyModel.matrix(w, "blk.1.ffn_up.weight", WeightType.F32, 64, 32),
        "tensor 'blk.1.ffn_up.weight' has no place in a nemotron model of 1 layers");
  }

  @Test
  void refusesATensorThatWouldMeanAnotherComputation() {
    assertRefused(
        w -> w.vector("blk.0.attn_q_norm.weight", new float[8]),
        "tensor 'blk.0.attn_q_norm.weight' has no place");
  }

  @Test
  void refusesFrequenciesDividedByNothing() {
    assertRefusal(
        open(
            new TinyModel("arcee")
                .with(w -> w.vector("rope_freqs.weight", new float[] {1, 2, 0, 4}))),
        "tensor rope_freqs.weight divides a frequency by 0.0");
  }

  @Test
  void refusesLongRopeWithoutWhatItDividesBy() {
    assertRefusal(
        open(new TinyModel("arcee").with(w -> w.text("arcee.rope.scaling.type", "longrope"))),
        "tensor rope_factors_short.weight is missing");
  }

  @Test
  void refusesAFusedTensorThatIsNotAsLongAsItsParts() {
    assertRefused(
        w -> TinyModel.matrix(w, "blk.0.attn_qkv.weight", WeightType.F32, 63, 32),
        "tensor blk.0.attn_qkv.weight is 32 x 63, expected 32 x 64");
  }

  @Test
  void refusesATensorTypeWithoutAKernelByName() throws IOException {
    Path file = new TinyModel().write(folder.resolve("model.gguf"));
    // I8 takes one byte a value; the F32 tensor's four hold it with some to spare.
    overwriteType(file, "blk.0.ffn_up.weight", 24);
    assertRefusal(open(file), "tensor blk.0.ffn_up.weight has type I8");
  }

  private void assertRefused(Consumer<GgufWriter> change, String expected) {
    assertRefusal(open(new TinyModel().with(change)), expected);
  }

  private static void assertRefusal(ModelFileException refusal, String expected) {
    String message = refusal.getMessage();
    assertTrue(message.contains("model.gguf: " + expected), message);
    assertEquals(1, message.lines().count());
  }

  private ModelFileException open(TinyModel model) {
    try {
      return open(model.write(folder.resolve("model.gguf")));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static ModelFileException open(Path file) {
    return assertThrows(
        ModelFileException.class, () -> LoadedModel.open(file, Kernels.select()).close());
  }

  /** Name, number of dimensions, two dimensions, then the type. */
  private static void overwriteType(Path file, String tensor, int type) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int at = text.indexOf(tensor) + tensor.length() + Integer.BYTES + 2 * Long.BYTES;
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, type);
    Files.write(file, bytes);
  }
}
