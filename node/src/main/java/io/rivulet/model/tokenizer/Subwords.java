package io.rivulet.model.tokenizer;

import java.util.HexFormat;

/** How text between the tokens that are written out becomes tokens. */
sealed interface Subwords permits SentencePieceBpe, ByteLevelBpe, Unigram {

  /**
   * Adds the ids of a text.
   *
   * @param text well-formed, not empty
   * @param first whether it begins the whole text or follows a token that was written out
   */
  void encode(String text, boolean first, IdList out);

  /** The bytes of the text that a token of this vocabulary is written as. */
  byte[] bytes(String token);

  /** Whether a space is put before the whole text and after tokens that are written out. */
  boolean addsSpace();

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
