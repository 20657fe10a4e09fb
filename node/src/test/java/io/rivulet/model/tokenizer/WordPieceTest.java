package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordPieceTest {

  private static final int BEGIN = TinyWordPieceVocabulary.BEGIN;
  private static final int END = TinyWordPieceVocabulary.END;
  private static final int UNKNOWN = TinyWordPieceVocabulary.UNKNOWN;

  @TempDir Path folder;

  private Tokenizer tokenizer;

  @BeforeEach
  void read() throws IOException {
    tokenizer = TinyWordPieceVocabulary.tokenizer(folder, UnaryOperator.identity());
  }

  @Test
  void givesBackWordsWithSpacesBetweenThem() {
    assertEquals("the lower , newer low", decoded("The  lower, N\u00c9WER\tl\u00f6w"));
    assertEquals("the<extra> world", decoded("the<extra>world"));
  }

  @Test
  void keepsWordsApartAcrossTokensWithoutText() {
    assertEquals("the world", decoded("the zzz world"));
    int[] ids = tokenizer.encodeWithControls("the<|end|>world<|begin|>");
    assertEquals("the world", tokenizer.decode(ids));
  }

  @Test
  void aWordBeginsWithItsSpaceWhereATextGoesOn() {
    int[] ids = tokenizer.encode("the lower");
    assertEquals(5, ids.length);
    assertEquals(" the", bytes(ids[1]));
    assertEquals(" low", bytes(ids[2]));
    assertEquals("er", bytes(ids[3]));
  }

  @Test
  void beginsAndEndsAsTheFileSays() throws IOException {
    assertArrayEquals(new int[] {BEGIN, END}, tokenizer.encode(""));
    assertEquals(END, tokenizer.eos());
    Tokenizer bare =
        TinyWordPieceVocabulary.tokenizer(
            folder,
            writer ->
                writer
                    .bool("tokenizer.ggml.add_bos_token", false)
                    .bool("tokenizer.ggml.add_eos_token", false));
    assertArrayEquals(new int[0], bare.encode(""));
  }

  @Test
  void aLongWordIsNoTrouble() {
    int length = 500_000;
    int[] known = tokenizer.encode("a".repeat(length));
    assertEquals("a".repeat(length), tokenizer.decode(known));
    int[] cutShort = tokenizer.encode("a".repeat(length) + "zz");
    assertArrayEquals(new int[] {BEGIN, UNKNOWN, END}, cutShort);
  }

  @Test
  void manyUnknownWordsAreAnUnknownTokenEach() {
    int words = 100_000;
    int[] expected =
        IntStream.range(0, words + 2)
            .map(at -> at == 0 ? BEGIN : at > words ? END : UNKNOWN)
            .toArray();
    assertArrayEquals(expected, tokenizer.encode("zz ".repeat(words)));
  }

  private String decoded(String text) {
    return tokenizer.decode(tokenizer.encode(text));
  }

  private String bytes(int id) {
    return new String(tokenizer.bytes(id), StandardCharsets.UTF_8);
  }
}
