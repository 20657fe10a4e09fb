package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerJsonTest {

  private static final Path SHIPPED = Path.of("..", "deploy", "model");

  private static final String BYTE_LEVEL =
      """
      {"version": "1.0",
       "added_tokens": [
         {"id": 6, "content": "<|end|>", "special": true},
         {"id": 8, "content": "<tool>", "special": false}],
       "normalizer": {"type": "NFC"},
       "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "<|end|>", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}}]},
       "model": {"type": "BPE", "byte_fallback": false,
         "vocab": {"a": 0, "b": 1, "\u0120": 2, "ab": 3, "\u0120ab": 4, "c": 5},
         "merges": [["a", "b"], ["\u0120", "ab"]]}}
      """;

  private static final String SPACED =
      """
      {"added_tokens": [{"id": 0, "content": "<unk>", "special": true},
                        {"id": 1, "content": "<s>", "special": true}],
       "normalizer": {"type": "Sequence", "normalizers": [
         {"type": "Prepend", "prepend": "\u2581"},
         {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                    {"Sequence": {"id": "A", "type_id": 0}}]},
       "model": {"type": "BPE", "unk_token": "<unk>", "byte_fallback": true,
         "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "<0x0A>": 3, "\u2581": 4, "a": 5, "b": 6,
                   "\u2581a": 7, "ab": 8, "\u2581ab": 9},
         "merges": ["\u2581 a", "a b", "\u2581a b", "\u2581 ab"]}}
      """;

  private static final String UNIGRAM =
      """
      {"added_tokens": [{"id": 0, "content": "</s>", "special": true}],
       "normalizer": {"type": "Precompiled", "precompiled_charsmap": ""},
       "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
         {"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "\u2581"}]},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "</s>", "type_id": 0}}]},
       "model": {"type": "Unigram", "unk_id": 1,
         "vocab": [["</s>", 0], ["<unk>", 0.0], ["\u2581", -2.5], ["a", -3], ["\u2581a", -1.5]]}}
      """;

  @TempDir Path folder;

  @Test
  void readsByteLevelBpe() throws IOException {
    write("tokenizer.json", BYTE_LEVEL);
    write(
        "tokenizer_config.json",
        """
        {"bos_token": "<|end|>", "eos_token": {"content": "<|end|>"}, "chat_template": "{{ x }}"}
        """);
    Tokenizer tokenizer = tokenizer(10);
    assertEquals(10, tokenizer.size());
    assertArrayEquals(new int[] {6, 3, 4, 5, 8, 0}, tokenizer.encode("ab abc<tool>a"));
    assertArrayEquals(new int[] {6, 0, 6}, tokenizer.encodeWithControls("a<|end|>"));
    assertTrue(tokenizer.endsGeneration(6));
    try (GgufFile file = described(10)) {
      assertEquals("{{ x }}", file.metadata().text("tokenizer.chat_template"));
      assertEquals("[PAD9]", file.metadata().texts(Vocabulary.TOKENS_KEY).get(9));
    }
  }

  @Test
  void readsBpeWithByteFallback() throws IOException {
    write("tokenizer.json", SPACED);
    write("tokenizer_config.json", "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
    Tokenizer tokenizer = tokenizer(10);
    assertArrayEquals(new int[] {1, 9, 9}, tokenizer.encode("ab ab"));
    assertArrayEquals(new int[] {1, 4, 3, 0}, tokenizer.encode("\n\r"));
    assertEquals(2, tokenizer.eos());
  }

  @Test
  void readsUnigram() throws IOException {
    write("tokenizer.json", UNIGRAM);
    write("tokenizer_config.json", "{\"eos_token\": \"</s>\"}");
    assertArrayEquals(new int[] {4, 3, 4, 2, 1, 0}, tokenizer(6).encode("  aa   a bc "));
  }

  @Test
  void readsSentencePieceModelsAsTheirConversion() throws IOException {
    Files.copy(SHIPPED.resolve("tokenizer.model"), folder.resolve("tokenizer.model"));
    try (GgufFile converted = GgufFile.open(SHIPPED.resolve("rivulet-tiny.gguf"));
        GgufFile read = described(converted.metadata().texts(Vocabulary.TOKENS_KEY).size())) {
      GgufMetadata expected = converted.metadata();
      GgufMetadata actual = read.metadata();
      assertEquals(expected.texts(Vocabulary.TOKENS_KEY), actual.texts(Vocabulary.TOKENS_KEY));
      assertArrayEquals(
          expected.floats(Vocabulary.SCORES_KEY), actual.floats(Vocabulary.SCORES_KEY));
      assertArrayEquals(
          expected.integers(Vocabulary.TYPES_KEY, 0, 6),
          actual.integers(Vocabulary.TYPES_KEY, 0, 6));
      for (GoldenIds golden : GoldenIds.read("shipped-vocabulary.jsonl")) {
        assertArrayEquals(golden.ids(), Tokenizers.from(read).encode(golden.text()));
      }
    }
  }

  @Test
  void readsTheFilesOfGpt2() throws IOException {
    write("vocab.json", "{\"</s>\": 0, \"a\": 1, \"b\": 2, \"ab\": 3, \"\u0120\": 4}");
    write("merges.txt", "#version: 0.2\na b\n");
    write(
        "tokenizer_config.json",
        "{\"bos_token\": \"</s>\", \"eos_token\": \"</s>\", \"add_bos_token\": true}");
    Tokenizer tokenizer = tokenizer(6);
    assertArrayEquals(new int[] {0, 3, 4, 2}, tokenizer.encode("ab b"));
    assertArrayEquals(new int[] {0, 1}, tokenizer.encodeWithControls("</s>a"));
  }

  @Test
  void whatEndsAGenerationComesFromAllFiles() throws IOException {
    write("tokenizer.json", BYTE_LEVEL);
    write("config.json", "{\"eos_token_id\": 6, \"pad_token_id\": -1}");
    write("generation_config.json", "{\"eos_token_id\": [6, 5, 4]}");
    Tokenizer tokenizer = tokenizer(9);
    assertEquals(6, tokenizer.eos());
    assertTrue(tokenizer.endsGeneration(5));
    assertTrue(tokenizer.endsGeneration(4));
  }

  @Test
  void refusesAPreTokenizerWithoutAName() {
    assertRefused(
        "tokenizer.json: field pre_tokenizer is none that GGUF has a name for: 'Split by x+'",
        BYTE_LEVEL.replace(
            "{\"type\": \"ByteLevel\", \"add_prefix_space\": false}",
            "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"x+\"}, \"behavior\": \"Isolated\"}"));
    assertRefused(
        "tokenizer.json: field pre_tokenizer.add_prefix_space is true, which GGUF cannot say",
        BYTE_LEVEL.replace("\"add_prefix_space\": false", "\"add_prefix_space\": true"));
    assertRefused(
        "tokenizer.json: field model.ignore_merges is true, which GGUF cannot say for gpt-2",
        BYTE_LEVEL.replace("\"byte_fallback\": false", "\"ignore_merges\": true"));
  }

  @Test
  void refusesWhatIsNotSound() {
    assertRefused(
        "tokenizer.json: has token 'c' with id 99, but the embedding has 10 rows",
        BYTE_LEVEL.replace("\"c\": 5", "\"c\": 99"));
    assertRefused(
        "tokenizer.json: field model.vocab has something else than an id for every token",
        BYTE_LEVEL.replace("\"c\": 5", "\"c\": \"5\""));
    assertRefused(
        "tokenizer.json: field model.merges has something else than strings or pairs of them",
        BYTE_LEVEL.replace("[\"a\", \"b\"]", "[\"a\", \"b\", \"c\"]"));
    assertRefused(
        "tokenizer.json: field model.type is 'WordPiece', known are BPE and Unigram",
        BYTE_LEVEL.replace("\"BPE\"", "\"WordPiece\""));
    assertRefused(
        "tokenizer.json: field added_tokens[1].id is '8.5', expected an integer from 0",
        BYTE_LEVEL.replace("\"id\": 8", "\"id\": 8.5"));
    assertRefused("tokenizer.json: field model is missing", "{}");
    assertRefused("tokenizer.json: field model is missing", "[]");
    assertRefused("tokenizer.json: is not JSON that can be read", BYTE_LEVEL.substring(0, 300));
  }

  @Test
  void refusesMergesThatScoresCannotSay() {
    assertRefused(
        "tokenizer.json: field model.merges lacks one that makes token 9 of 4 and 8",
        SPACED.replace(", \"\u2581 ab\"", ""));
    assertRefused(
        "tokenizer.json: field model.merges has merge 3, '\u2581 ab': the merges of its token do",
        SPACED.replace("\"a b\", \"\u2581a b\"", "\"\u2581a b\", \"a b\""));
    assertRefused(
        "tokenizer.json: field model.merges has merge 1, 'a x': names a token that is not in",
        SPACED.replace("\"a b\"", "\"a x\""));
  }

  @Test
  void namesTheFilesThatItLooksFor() {
    String message = refusal(10);
    assertTrue(
        message.startsWith(folder + ": has no tokenizer.json, tokenizer.model, or vocab.json"),
        message);
  }

  @Test
  void readsOrRefusesDamagedFiles() throws IOException {
    byte[] model = Files.readAllBytes(SHIPPED.resolve("tokenizer.model"));
    damage("tokenizer.model", Arrays.copyOf(model, 4000), 200);
    Files.delete(folder.resolve("tokenizer.model"));
    for (String json : List.of(BYTE_LEVEL, SPACED, UNIGRAM)) {
      damage("tokenizer.json", json.getBytes(StandardCharsets.UTF_8), 200);
    }
  }

  private void damage(String name, byte[] sound, int rounds) throws IOException {
    var random = new SplittableRandom(5);
    int refused = 0;
    for (int i = 0; i < rounds; i++) {
      byte[] damaged = Arrays.copyOf(sound, random.nextInt(sound.length / 2, sound.length + 1));
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      Files.write(folder.resolve(name), damaged);
      try {
        tokenizer(4096).encode("the world");
      } catch (ModelFileException e) {
        refused++;
      }
    }
    assertTrue(refused > 0, name);
  }

  private void assertRefused(String problem, String json) {
    write("tokenizer.json", json);
    String message = refusal(10);
    assertTrue(message.startsWith(folder.resolve(problem).toString()), message);
  }

  private String refusal(int vocabulary) {
    return assertThrows(
            ModelFileException.class,
            () -> TokenizerJson.describe(folder, vocabulary, new GgufWriter()))
        .getMessage();
  }

  private Tokenizer tokenizer(int vocabulary) throws IOException {
    try (GgufFile file = described(vocabulary)) {
      return Tokenizers.from(file);
    }
  }

  private GgufFile described(int vocabulary) throws IOException {
    Path path = folder.resolve("described.gguf");
    var writer = new GgufWriter();
    TokenizerJson.describe(folder, vocabulary, writer);
    writer.write(path);
    return GgufFile.open(path);
  }

  private void write(String name, String text) {
    try {
      Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
