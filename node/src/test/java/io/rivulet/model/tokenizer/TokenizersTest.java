package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizersTest {

  private static final String TOKENS = "tokenizer.ggml.tokens";
  private static final String SCORES = "tokenizer.ggml.scores";
  private static final String TYPES = "tokenizer.ggml.token_type";

  private static final String MERGES = "tokenizer.ggml.merges";
  private static final String CHARACTER_MAP = "tokenizer.ggml.precompiled_charsmap";

  @TempDir Path folder;

  @Test
  void refusesOtherKindsByName() {
    assertRefused(
        "key tokenizer.ggml.model is 'rwkv', known are 'llama', 'gpt2', 't5' and 'bert'; use a"
            + " model with a SentencePiece",
        writer -> writer.text("tokenizer.ggml.model", "rwkv"));
  }

  @Test
  void namesTheKeyThatIsMissing() {
    assertRefused("key tokenizer.ggml.model is missing", writer -> new GgufWriter());
    assertRefused(
        "key tokenizer.ggml.tokens is missing",
        writer -> new GgufWriter().text("tokenizer.ggml.model", "llama"));
    assertRefused(
        "key tokenizer.ggml.scores is missing",
        writer ->
            new GgufWriter()
                .text("tokenizer.ggml.model", "llama")
                .texts(TOKENS, List.of("<unk>", "<s>", "</s>")));
  }

  @Test
  void refusesTokensThatCannotBe() {
    assertRefused(
        "key tokenizer.ggml.tokens has no tokens", writer -> writer.texts(TOKENS, List.of()));
    assertRefused(
        "key tokenizer.ggml.tokens has 'b' twice, ids 1 and 2",
        writer -> small(writer, "a", "b", "b"));
    assertRefused(
        "key tokenizer.ggml.tokens has type int32[1], expected an array of strings",
        writer -> writer.integers(TOKENS, 1));
  }

  @Test
  void refusesListsOfAnotherLength() {
    assertRefused(
        "key tokenizer.ggml.scores has 2 values, expected 3, one for each token",
        writer -> small(writer, "a", "b", "c").floats(SCORES, 0, 0));
    assertRefused(
        "key tokenizer.ggml.token_type has 4 values, expected 3, one for each token",
        writer -> small(writer, "a", "b", "c").integers(TYPES, 1, 1, 1, 1));
  }

  @Test
  void refusesScoresAndTypesThatAreNone() {
    assertRefused(
        "key tokenizer.ggml.scores has NaN for token 1",
        writer -> small(writer, "a", "b", "c").floats(SCORES, 0, Float.NaN, 0));
    assertRefused(
        "key tokenizer.ggml.token_type has 7, expected an integer from 0 to 6",
        writer -> small(writer, "a", "b", "c").integers(TYPES, 1, 7, 1));
    assertRefused(
        "key tokenizer.ggml.token_type calls token 1 a byte, but its text is not <0xNN>",
        writer -> small(writer, "a", "b", "c").integers(TYPES, 1, 6, 1));
  }

  @Test
  void refusesUserDefinedTokensThatWouldTakeForeverToFind() {
    assertRefused(
        "key tokenizer.ggml.tokens has a user-defined token, id 1, of 257 characters",
        writer -> small(writer, "a", "b".repeat(257), "c").integers(TYPES, 1, 4, 1));
  }

  @Test
  void refusesIdsBeyondTheVocabulary() {
    for (String key : List.of("bos", "eos", "unknown", "eot", "eom")) {
      assertRefused(
          "key tokenizer.ggml." + key + "_token_id has 3, expected an integer from 0 to 2",
          writer -> small(writer, "a", "b", "c").integer("tokenizer.ggml." + key + "_token_id", 3));
    }
  }

  @Test
  void refusesToAddATokenThatIsNotThere() {
    assertRefused(
        "key tokenizer.ggml.add_bos_token is true, but the vocabulary has no such token",
        writer ->
            new GgufWriter()
                .text("tokenizer.ggml.model", "llama")
                .texts(TOKENS, List.of("a"))
                .floats(SCORES, 0));
  }

  @Test
  void refusesWordsWithoutATokenForThoseUnknown() {
    assertRefused(
        "key tokenizer.ggml.tokens has no unknown token",
        writer ->
            new GgufWriter()
                .text("tokenizer.ggml.model", "bert")
                .texts(TOKENS, List.of("a", "b", "c")));
  }

  @Test
  void refusesTokensThatWouldTakeForeverToFind() {
    assertRefused(
        "key tokenizer.ggml.tokens has a token, id 1, of 1025 characters, the limit is 1024",
        writer ->
            new GgufWriter()
                .text("tokenizer.ggml.model", "bert")
                .texts(TOKENS, List.of("a", "b".repeat(1025)))
                .integer("tokenizer.ggml.unknown_token_id", 0));
  }

  @Test
  void refusesPreTokenizersByName() {
    assertRefused(
        "key tokenizer.ggml.pre is 'kimi-k2', known are a.x-4.0, afmoe, bailingmoe,",
        writer -> TinyByteVocabulary.writer("kimi-k2"));
  }

  @Test
  void refusesMergesThatCannotBe() {
    assertRefused(
        "key tokenizer.ggml.merges has merge 1, 'ab': expected two tokens with a space between",
        writer -> TinyByteVocabulary.writer("gpt-2").texts(MERGES, List.of("a b", "ab")));
    assertRefused(
        "key tokenizer.ggml.merges has merge 0, 'a zz': 'zz' is not in the vocabulary",
        writer -> TinyByteVocabulary.writer("gpt-2").texts(MERGES, List.of("a zz")));
    assertRefused(
        "key tokenizer.ggml.merges has merge 0, 'a q': 'aq' is not in the vocabulary",
        writer -> TinyByteVocabulary.writer("gpt-2").texts(MERGES, List.of("a q")));
  }

  @Test
  void refusesMapsOfCharactersThatCannotBe() {
    assertRefused(
        "key tokenizer.ggml.precompiled_charsmap has 3 bytes, expected at least 4",
        writer -> TinyUnigramVocabulary.writer().bytes(CHARACTER_MAP, new byte[3]));
    assertRefused(
        "key tokenizer.ggml.precompiled_charsmap says that its table has 4294967292 bytes",
        writer ->
            TinyUnigramVocabulary.writer()
                .bytes(CHARACTER_MAP, new byte[] {-4, -1, -1, -1, 0, 0, 0, 0}));
    assertRefused(
        "key tokenizer.ggml.precompiled_charsmap does not end with a zero byte",
        writer ->
            TinyUnigramVocabulary.writer()
                .bytes(CHARACTER_MAP, new byte[] {4, 0, 0, 0, 0, 0, 0, 0, 1}));
  }

  private static GgufWriter small(GgufWriter writer, String... tokens) {
    return writer
        .texts(TOKENS, List.of(tokens))
        .floats(SCORES, new float[tokens.length])
        .integers(TYPES, 1, 1, 1);
  }

  private void assertRefused(String problem, UnaryOperator<GgufWriter> change) {
    String message =
        assertThrows(ModelFileException.class, () -> TinyVocabulary.tokenizer(folder, change))
            .getMessage();
    assertTrue(message.startsWith(folder.resolve("tiny.gguf") + ": " + problem), message);
  }
}
