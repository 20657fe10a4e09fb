package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SentencePieceBpeTest {

  private static final String[] FRAGMENTS = {
    "the",
    " the",
    "hello",
    " world",
    "  ",
    "    ",
    "\n",
    "\t",
    "aab",
    "abab",
    "ing",
    "\u00e4\u00e4",
    "\u65e5\u672c",
    "\ud83d\ude00",
    "\ud83d\ude00\ud83d\ude00",
    "\u201c",
    "n't",
    "<s>",
    "<|user|>",
    "<|u",
    "::",
    ":::",
    "<0x0A>",
    "zq",
    "\u0000",
    "\r\n",
    "</s>",
    "  \n",
    "e\u0301",
    "\u200d"
  };

  @TempDir Path folder;
  private Tokenizer tokenizer;

  @BeforeEach
  void reads() throws IOException {
    tokenizer = TinyVocabulary.tokenizer(folder, UnaryOperator.identity());
  }

  @Test
  void givesTheIdsOfLlamaCpp() throws IOException {
    for (GoldenIds golden : GoldenIds.read("tiny-vocabulary.jsonl")) {
      assertArrayEquals(golden.ids(), tokenizer.encode(golden.text()), golden.text());
    }
  }

  @Test
  void textComesBackExactly() throws IOException {
    Tokenizer bare =
        TinyVocabulary.tokenizer(
            folder,
            writer ->
                writer
                    .bool("tokenizer.ggml.add_space_prefix", false)
                    .bool("tokenizer.ggml.add_bos_token", false)
                    .bool("tokenizer.ggml.add_eos_token", true));
    var random = new SplittableRandom(8);
    for (int i = 0; i < 4000; i++) {
      String text = randomText(random);
      assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
      assertEquals(text, bare.decode(bare.encode(text)));
    }
  }

  @Test
  void bytesOfTheTokensAreTheTextBehindTheAddedSpace() {
    var random = new SplittableRandom(9);
    for (int i = 0; i < 500; i++) {
      String text =
          "the" + randomText(random).replace("<|u", "").replace("::", "").replace("  \n", "");
      var bytes = new ByteArrayOutputStream();
      for (int id : tokenizer.encode(text)) {
        bytes.writeBytes(tokenizer.bytes(id));
      }
      assertEquals(" " + text, bytes.toString(StandardCharsets.UTF_8));
    }
  }

  @Test
  void mergesInTheOrderOfScoresAndThenFromTheLeft() {
    assertPieces("qaaab", " ", "q", "aa", "ab");
    assertPieces("qbaab", " ", "q", "ba", "ab");
    assertPieces("aaab", " a", "aab");
    assertPieces("hello hello", " hello", " hello");
  }

  @Test
  void textThatSpellsAControlOrByteTokenStaysText() {
    assertPieces("<s>", " ", "<s", ">");
    assertPieces("</s>", " ", "<", "/", "s", ">");
    assertPieces("<0x0A>", " ", "<", "0", "x", "0", "A", ">");
  }

  @Test
  void charactersThatAreNoTokenBecomeTheirBytes() {
    int[] ids = tokenizer.encode("\u20ac");
    int[] euro = {0xe2, 0x82, 0xac};
    assertArrayEquals(
        Arrays.stream(euro).map(value -> value + TinyVocabulary.FIRST_BYTE).toArray(),
        Arrays.copyOfRange(ids, 2, ids.length));
    assertArrayEquals(new byte[] {(byte) 0xe2}, tokenizer.bytes(ids[2]));
  }

  @Test
  void withoutByteTokensTheyAreUnknown() throws IOException {
    Tokenizer small =
        TinyVocabulary.tokenizer(
            folder,
            writer ->
                writer
                    .texts("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "</s>", "a"))
                    .floats("tokenizer.ggml.scores", 0, 0, 0, 0)
                    .integers("tokenizer.ggml.token_type", 2, 3, 3, 1));
    assertArrayEquals(new int[] {1, 0, 0, 0, 3, 0}, small.encode("ab"));
  }

  @Test
  void cutsUserDefinedTokensOutLongestFirst() {
    int[] ids = tokenizer.encode("a<|user|>::the<|u");
    assertEquals(TinyVocabulary.USER, ids[2]);
    assertEquals(TinyVocabulary.USER + 2, ids[3]);
    assertEquals(" the", text(ids[4]));
    assertEquals(TinyVocabulary.USER + 1, ids[5]);
    assertEquals(6, ids.length);
    assertEquals("a<|user|>::the<|u", tokenizer.decode(ids));
  }

  @Test
  void surrogatesWithoutTheirPairBecomeReplacementCharacters() {
    assertEquals("a\ufffdb\ufffd", tokenizer.decode(tokenizer.encode("a\ud800b\udc00")));
  }

  @Test
  void addsBeginningAndEndAsTheFileSays() throws IOException {
    assertArrayEquals(new int[] {TinyVocabulary.BOS}, tokenizer.encode(""));
    Tokenizer other =
        TinyVocabulary.tokenizer(
            folder,
            writer ->
                writer
                    .bool("tokenizer.ggml.add_bos_token", false)
                    .bool("tokenizer.ggml.add_eos_token", true));
    assertArrayEquals(new int[] {TinyVocabulary.EOS}, other.encode(""));
    assertEquals(TinyVocabulary.BOS, other.bos());
    assertEquals(TinyVocabulary.EOS, other.eos());
  }

  @Test
  void knowsWhatEndsAGeneration() throws IOException {
    assertTrue(tokenizer.endsGeneration(TinyVocabulary.EOS));
    assertFalse(tokenizer.endsGeneration(TinyVocabulary.BOS));
    Tokenizer chat =
        TinyVocabulary.tokenizer(
            folder, writer -> writer.integer("tokenizer.ggml.eot_token_id", TinyVocabulary.USER));
    assertTrue(chat.endsGeneration(TinyVocabulary.USER));
    assertTrue(chat.endsGeneration(TinyVocabulary.EOS));
  }

  @Test
  void controlTokensAddNoBytes() {
    assertEquals(0, tokenizer.bytes(TinyVocabulary.BOS).length);
    assertEquals("", tokenizer.decode(new int[] {TinyVocabulary.BOS, TinyVocabulary.EOS}));
    assertThrows(IndexOutOfBoundsException.class, () -> tokenizer.bytes(tokenizer.size()));
    assertThrows(IndexOutOfBoundsException.class, () -> tokenizer.decode(new int[] {-1}));
  }

  @Test
  void aLongTextIsNoTrouble() {
    String text = "aab the world ".repeat(20_000);
    assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
  }

  private void assertPieces(String text, String... pieces) {
    int[] ids = tokenizer.encode(text);
    String[] actual = Arrays.stream(ids, 1, ids.length).mapToObj(this::text).toArray(String[]::new);
    assertArrayEquals(pieces, actual, Arrays.toString(actual));
  }

  private String text(int id) {
    return new String(tokenizer.bytes(id), StandardCharsets.UTF_8);
  }

  /** Of fragments and any character but U+2581, which SentencePiece makes a space. */
  private static String randomText(SplittableRandom random) {
    var text = new StringBuilder();
    for (int n = random.nextInt(12); n > 0; n--) {
      switch (random.nextInt(4)) {
        case 0 -> text.append(FRAGMENTS[random.nextInt(FRAGMENTS.length)]);
        case 1 -> text.append((char) random.nextInt(' ', 127));
        case 2 -> text.append(Character.toString(random.nextInt(0x80, 0xd800)));
        default -> text.append(Character.toString(random.nextInt(0xe000, 0x110000)));
      }
    }
    return text.toString().replace('\u2581', '_');
  }
}
