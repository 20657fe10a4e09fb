package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.safetensors.SafetensorsFixture;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** What a config.json says in GGUF's keys, and which are refused in which words. */
class HuggingFaceConfigTest {

  private static final JsonMapper JSON = new JsonMapper();
  private static final float[] LLAMA3 = {1.0f, 1.0f, 1.0f, 2.69453f, 8.0f, 8.0f};

  @TempDir private Path folder;

  /** Computed with llama.cpp's formula for Llama 3.1's numbers and heads of 12. */
  @Test
  void dividesFrequenciesAsLlama3Does() throws IOException {
    Map<String, Object> scaling =
        Map.of(
            "rope_type", "llama3",
            "factor", 8.0,
            "low_freq_factor", 1.0,
            "high_freq_factor", 4.0,
            "original_max_position_embeddings", 8192);
    Path gguf = Reference.model("architectures/llama-wide-heads");
    Map<String, Object> members =
        new HashMap<>(Map.of("rope_scaling", scaling, "rope_theta", 500_000));
    HuggingFaceExport.write(gguf, folder, members);
    try (ModelFile model = ModelFiles.open(folder)) {
      assertArrayEquals(LLAMA3, floats(model, "rope_freqs.weight"), 1e-5f);
      assertFalse(model.metadata().contains("llama.rope.scaling.type"));
    }
  }

  @Test
  void limitsTheContextToTheWindow() throws IOException {
    withMembers(
        "llama",
        Map.of("sliding_window", 40),
        keys -> assertEquals(40, keys.integer("llama.context_length", 1, 1000)));
    withMembers(
        "qwen2",
        Map.of("sliding_window", 40, "use_sliding_window", false),
        keys -> assertEquals(96, keys.integer("qwen2.context_length", 1, 1000)));
    withMembers(
        "qwen2",
        Map.of("sliding_window", 40, "use_sliding_window", true),
        keys -> assertEquals(40, keys.integer("qwen2.context_length", 1, 1000)));
  }

  @Test
  void takesGeluOfGemmaForTheTanhForm() throws IOException {
    withMembers(
        "gemma",
        Map.of("hidden_act", "gelu"),
        keys -> assertFalse(keys.contains("gemma.hidden_activation")));
    withMembers(
        "gemma",
        Map.of("hidden_act", "gelu", "hidden_activation", "relu"),
        keys -> assertEquals("relu", keys.text("gemma.hidden_activation")));
    withMembers(
        "falcon-7b",
        Map.of("activation", "gelu"),
        keys -> assertEquals("gelu_erf", keys.text("falcon.hidden_activation")));
  }

  @Test
  void readsWhichLayersAreLocal() throws IOException {
    withMembers(
        "gemma2",
        Map.of("layer_types", List.of("sliding_attention", "full_attention", "sliding_attention")),
        keys -> assertFalse(keys.contains("gemma2.attention.sliding_window_pattern")));
    withMembers(
        "gemma2",
        Map.of("layer_types", List.of("sliding_attention", "sliding_attention", "full_attention")),
        keys -> assertEquals(3, keys.integer("gemma2.attention.sliding_window_pattern", 0, 9)));
  }

  @Test
  void aCapThatIsNullIsNone() throws IOException {
    var members = new HashMap<String, Object>();
    members.put("attn_logit_softcapping", null);
    members.put("query_pre_attn_scalar", 16);
    withMembers(
        "gemma2",
        members,
        keys -> {
          assertEquals(0, keys.real("gemma2.attn_logit_softcapping"));
          assertEquals(0.25, keys.real("gemma2.attention.scale"));
        });
  }

  @Test
  void takesTheMagnitudeOfYarnFromBothScales() throws IOException {
    withMembers(
        "llama",
        Map.of(
            "rope_scaling",
            Map.of(
                "type", "yarn",
                "factor", 4,
                "original_max_position_embeddings", 24,
                "mscale", 1,
                "mscale_all_dim", 0.5)),
        keys -> {
          double expected = (1 + 0.1 * Math.log(4)) / (1 + 0.05 * Math.log(4));
          assertEquals(expected, keys.real("llama.rope.scaling.yarn_attn_factor"), 1e-6);
          assertEquals(24, keys.integer("llama.rope.scaling.original_context_length", 1, 99));
        });
  }

  /** Mean magnitude 0.5: all from 0.25 on is one of them. */
  @Test
  void roundsTrainedBitNetWeightsToThree() throws IOException {
    HuggingFaceExport.write(Reference.model("architectures/bitnet-b1.58"), folder, Map.of());
    float[] trained = new float[32 * 32];
    Arrays.fill(trained, 0.5f);
    trained[0] = 0.2f;
    trained[1] = -0.8f;
    rewrite(
        "model.layers.0.self_attn.o_proj.weight",
        writer ->
            writer.bfloats("model.layers.0.self_attn.o_proj.weight", List.of(32, 32), trained));
    try (ModelFile model = ModelFiles.open(folder)) {
      GgufTensor tensor = model.tensor("blk.0.attn_output.weight").orElseThrow();
      float[] row = new float[3];
      for (int i = 0; i < row.length; i++) {
        short bits = tensor.row(0).get(ValueLayout.JAVA_SHORT_UNALIGNED, i * 2L);
        row[i] = Float.intBitsToFloat(bits << 16);
      }
      assertArrayEquals(new float[] {0, -0.5f, 0.5f}, row, 1e-3f);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "llama     | {'model_type':'mamba','architectures':null}           | member model_type is"
            + " 'mamba', but this version computes only models of type llama",
        "llama     | {'architectures':['MixtralForCausalLM']}              | member architectures"
            + " is 'MixtralForCausalLM'",
        "llama     | {'model_type':'mixtral'}                              | member model_type is"
            + " 'mixtral'",
        "llama     | {'architectures':null,'model_type':null}              | member model_type is"
            + " missing",
        "llama     | {'num_local_experts':8}                               | member"
            + " num_local_experts is '8', but this version computes only 0",
        "llama     | {'quantization_config':{'quant_method':'awq'}}        | member"
            + " quantization_config asks for method 'awq'",
        "bitnet-b1.58 |"
            + " {'quantization_config':{'quant_method':'bitnet','linear_class':'bitlinear'}} |"
            + " member quantization_config asks for method 'bitnet'",
        "llama     | {'hidden_act':'mish'}                                 | member hidden_act is"
            + " 'mish', but this version computes only silu",
        "drelu     | {'hidden_act':'silu'}                                 | member hidden_act is"
            + " 'silu', but this version computes only relu in models of type bamboo",
        "fatrelu   | {'hidden_act_param':null}                             | member"
            + " hidden_act_param is missing",
        "llama     | {'hidden_size':null}                                  | member hidden_size is"
            + " missing",
        "llama     | {'hidden_size':'32'}                                  | member hidden_size is"
            + " '\"32\"', expected an integer from 1",
        "llama     | {'num_attention_heads':0}                             | member"
            + " num_attention_heads is '0', expected an integer from 1",
        "llama     | {'rms_norm_eps':1e400}                                | member rms_norm_eps"
            + " is",
        "llama     | {'vocab_size':7}                                      | member vocab_size is"
            + " 7, but the embedding has",
        "llama     | {'rope_scaling':{'rope_type':'ntk'}}                  | member rope_scaling"
            + " has type 'ntk'",
        "qwen2     | {'rope_scaling':{'rope_type':'llama3'}}               | member rope_scaling"
            + " has type 'llama3'",
        "llama     | {'rope_scaling':{'rope_type':'linear'}}               | member"
            + " rope_scaling.factor is missing",
        "llama     | {'rope_scaling':[]}                                   | member rope_scaling is"
            + " '[]', expected an object",
        "llama     | {'rope_scaling':{'type':'yarn','factor':2,'truncate':false}} |"
            + " rope_scaling.truncate is false",
        "llama     | {'partial_rotary_factor':0.5}                         | member"
            + " partial_rotary_factor is 0.5",
        "phi3-longrope | {'rope_scaling':{'type':'longrope','long_factor':[1],'short_factor':[1]}}"
            + " | _factor has 1 elements, but 6 pairs turn",
        "llama     | {'tie_word_embeddings':false,'num_attention_heads':5} | has shape [32, 32],"
            + " which the heads of config.json do not divide",
        "gemma2    | {'layer_types':['full_attention','full_attention','sliding_attention']} |"
            + " member layer_types is not full_attention every so many layers",
        "gemma2    | {'layer_types':['full_attention']}                    | member layer_types has"
            + " 1 elements, for 3 layers",
        "llama     | {'final_logit_softcapping':30}                        | member"
            + " final_logit_softcapping is '30'",
        "falcon-7b | {'alibi':true}                                        | member alibi is"
            + " 'true', but this version computes only false",
        "falcon-7b | {'parallel_attn':false}                               | member parallel_attn"
            + " is 'false'",
        "opt       | {'do_layer_norm_before':false}                        | member"
            + " do_layer_norm_before is 'false', but this version computes only true",
        "opt       | {'word_embed_proj_dim':16}                            | member"
            + " word_embed_proj_dim is '16', but this version computes only 32",
        "qwen2     | {'tie_word_embeddings':false}                         | has no tensor"
            + " lm_head.weight",
      })
  void refusesAConfig(String name, String members, String expected) throws IOException {
    HuggingFaceExport.write(Reference.model("architectures/" + name), folder, Map.of());
    change(members.replace('\'', '"'));
    String message =
        assertThrows(ModelFileException.class, () -> ModelFiles.open(folder).close()).getMessage();
    assertTrue(message.contains(expected), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void refusesATensorWithoutAPlace() throws IOException {
    assertRefusedTensor(
        writer -> writer.floats("model.layers.0.mlp.router.weight", List.of(1), 1),
        "holds tensor 'model.layers.0.mlp.router.weight'");
  }

  @Test
  void refusesATensorThatIsThereTwice() throws IOException {
    assertRefusedTensor(
        writer -> writer.floats("norm.weight", List.of(32), new float[32]),
        "tensor 'norm.weight' is there under another name too");
  }

  @Test
  void refusesATypeWithoutAKernelByName() throws IOException {
    assertRefusedTensor(
        writer -> writer.bytes("lm_head.weight", "F8_E4M3", List.of(2, 2), new byte[4]),
        "tensor 'lm_head.weight' has dtype F8_E4M3");
  }

  @Test
  void leavesOutWhatNoTextDependsOn() throws IOException {
    HuggingFaceExport.write(Reference.model("architectures/qwen2"), folder, Map.of());
    rewrite(
        "",
        writer ->
            writer
                .floats("model.layers.0.self_attn.rotary_emb.inv_freq", List.of(4), 1, 2, 3, 4)
                .floats("vision_tower.patch.weight", List.of(1), 1)
                .floats("lm_head.weight", List.of(1), 1));
    try (ModelFile model = ModelFiles.open(folder)) {
      assertTrue(model.tensor("output.weight").isEmpty());
    }
  }

  @Test
  void aSafetensorsFileIsToldToGiveItsDirectory() throws IOException {
    HuggingFaceExport.write(Reference.model("architectures/qwen2"), folder, Map.of());
    Path file = folder.resolve("model.safetensors");
    String message =
        assertThrows(ModelFileException.class, () -> ModelFiles.open(file).close()).getMessage();
    assertTrue(message.contains("give the path of its directory"), message);
  }

  private void assertRefusedTensor(Consumer<SafetensorsFixture> more, String expected)
      throws IOException {
    HuggingFaceExport.write(Reference.model("architectures/qwen2"), folder, Map.of());
    change("{\"tie_word_embeddings\":null}");
    rewrite("", more);
    String message =
        assertThrows(ModelFileException.class, () -> ModelFiles.open(folder).close()).getMessage();
    assertTrue(message.contains(expected), message);
  }

  private void withMembers(String name, Map<String, Object> members, Consumer<GgufMetadata> check)
      throws IOException {
    HuggingFaceExport.write(Reference.model("architectures/" + name), folder, members);
    try (ModelFile model = ModelFiles.open(folder)) {
      check.accept(model.metadata());
    }
  }

  private void change(String members) throws IOException {
    Path file = folder.resolve("config.json");
    String before = Files.readString(file).strip();
    String merged = before;
    for (String name : JSON.readTree(members).propertyNames()) {
      merged = JSON.writeValueAsString(without(merged, name));
    }
    String inside = members.substring(1);
    Files.writeString(file, merged.substring(0, merged.length() - 1) + "," + inside);
  }

  private static Map<?, ?> without(String json, String name) {
    Map<?, ?> map = JSON.readValue(json, Map.class);
    map.remove(name);
    return map;
  }

  /** The same tensors without one, and others. */
  private void rewrite(String without, Consumer<SafetensorsFixture> more) throws IOException {
    Path file = folder.resolve("model.safetensors");
    SafetensorsFixture writer = SafetensorsFixture.of(file, without);
    more.accept(writer);
    writer.write(file);
  }

  private static float[] floats(ModelFile model, String name) {
    return model.tensor(name).orElseThrow().data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }
}
