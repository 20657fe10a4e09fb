package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.nio.charset.StandardCharsets;

/**
 * Byte-level BPE, as GGUF files name "gpt2": a {@link PreTokenizer} cuts the text into words, and
 * in each of them, beginning with its UTF-8 bytes, neighbours are merged in the order of the file's
 * list of merges. A byte that the vocabulary has no token for is dropped; most have all.
 */
final class ByteLevelBpe implements Subwords {

  private final Vocabulary vocabulary;
  private final PreTokenizer preTokenizer;
  private final MergeRanks merges;
  private final boolean ignoreMerges;
  private final int[] byteTokens = new int[256];

  ByteLevelBpe(Vocabulary vocabulary, GgufMetadata metadata, PreTokenizers kind) {
    this.vocabulary = vocabulary;
    this.preTokenizer = kind.create();
    this.ignoreMerges = kind.ignoresMerges();
    this.merges = new MergeRanks(vocabulary, metadata);
    for (int value = 0; value < byteTokens.length; value++) {
      byteTokens[value] = token(Character.toString(ByteCharacters.of((byte) value)));
    }
  }

  @Override
  public void encode(String text, boolean first, IdList out) {
    var chain = new PieceChain();
    int start = 0;
    for (int end : preTokenizer.ends(text)) {
      encodeWord(text.substring(start, end).getBytes(StandardCharsets.UTF_8), chain, out);
      start = end;
    }
  }

  @Override
  public byte[] bytes(String token) {
    return ByteCharacters.bytes(token);
  }

  @Override
  public boolean addsSpace() {
    return false;
  }

  private void encodeWord(byte[] word, PieceChain chain, IdList out) {
    int whole = ignoreMerges ? token(ByteCharacters.of(word)) : Tokenizer.NONE;
    if (whole != Tokenizer.NONE) {
      out.add(whole);
      return;
    }
    chain.clear();
    for (int i = 0; i < word.length; i++) {
      chain.add(byteTokens[word[i] & 0xff], i + 1);
    }
    chain.mergeAll(merges);
    for (int piece = chain.first(); !chain.isEnd(piece); piece = chain.after(piece)) {
      if (chain.token(piece) != Tokenizer.NONE) {
        out.add(chain.token(piece));
      }
    }
  }

  private int token(String text) {
    int id = vocabulary.id(text).orElse(Tokenizer.NONE);
    return id == Tokenizer.NONE || !vocabulary.type(id).merges() ? Tokenizer.NONE : id;
  }
}
