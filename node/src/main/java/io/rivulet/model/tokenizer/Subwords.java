package io.rivulet.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** How text between the tokens that are written out becomes tokens. */
sealed interface Subwords permits SentencePieceBpe, ByteLevelBpe, Unigram, WordPiece {

  /** What is written for a space by all but byte-level BPE. */
  char SPACE = '\u2581';

  /**
   * Adds the ids of a text.
   *
   * @param text well-formed, not empty
   * @param first whether it begins the whole text or follows a token that was written out
   */
  void encode(String text, boolean first, IdList out);

  /** The bytes of the text that a token of this vocabulary is written as. */
  default byte[] bytes(String token) {
    return token.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
  }

  /** Whether a space is put before the whole text. */
  boolean addsSpace();

  /** Whether a space behind tokens that are written out is an added one too: none of the text. */
  default boolean addsSpaceBehindTokens() {
    return addsSpace();
  }

  /** For each byte the token written {@code <0x0A>}, or the other one where there is none. */
  static int[] byteTokens(Vocabulary vocabulary, int missing) {
    int[] ids = new int[256];
    var hex = HexFormat.of().withUpperCase();
    for (int value = 0; value < ids.length; value++) {
      ids[value] = vocabulary.id("<0x" + hex.toHexDigits((byte) value) + ">").orElse(missing);
    }
    return ids;
  }
}
