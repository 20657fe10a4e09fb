package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * SentencePiece BPE with byte fallback, as GGUF files name "llama". Spaces are written U+2581.
 * Beginning with characters, the two neighbours whose joint text is the token with the highest
 * score are merged, the leftmost of equals, until none are left. Characters that are no token
 * become their bytes.
 */
final class SentencePieceBpe implements Subwords {

  private final Vocabulary vocabulary;
  private final boolean addsSpace;
  private final int[] byteTokens;
  private final int longest;

  /** For each token how many distinct scores are above its own. */
  private final int[] order;

  SentencePieceBpe(Vocabulary vocabulary, GgufMetadata metadata, int unknown) {
    this.vocabulary = vocabulary;
    this.addsSpace = metadata.bool(Vocabulary.ADD_SPACE_KEY, true);
    this.byteTokens = Subwords.byteTokens(vocabulary, unknown);
    if (Arrays.stream(byteTokens).anyMatch(id -> id == Tokenizer.NONE)) {
      throw metadata.invalid(
          Vocabulary.TOKENS_KEY, "has neither all of <0x00> to <0xFF> nor an unknown token");
    }
    this.order = order(vocabulary.scores(metadata));
    int length = 0;
    for (int id = 0; id < vocabulary.size(); id++) {
      length = Math.max(length, vocabulary.text(id).length());
    }
    this.longest = length;
  }

  private static int[] order(float[] scores) {
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    int distinct = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || sorted[i] != sorted[i - 1]) {
        sorted[distinct++] = sorted[i];
      }
    }
    int[] order = new int[scores.length];
    for (int id = 0; id < scores.length; id++) {
      order[id] = distinct - 1 - Arrays.binarySearch(sorted, 0, distinct, scores[id]);
    }
    return order;
  }

  @Override
  public void encode(String text, boolean first, IdList out) {
    String spaced = text.replace(' ', SPACE);
    merge(addsSpace && first ? SPACE + spaced : spaced, out);
  }

  @Override
  public boolean addsSpace() {
    return addsSpace;
  }

  private void merge(String text, IdList out) {
    var chain = new PieceChain();
    for (int at = 0; at < text.length(); ) {
      int end = at + Character.charCount(text.codePointAt(at));
      chain.add(token(text.substring(at, end)), end);
      at = end;
    }
    chain.mergeAll((left, right, start, end) -> find(text, start, end));
    for (int piece = chain.first(); !chain.isEnd(piece); piece = chain.after(piece)) {
      if (chain.token(piece) != Tokenizer.NONE) {
        out.add(chain.token(piece));
        continue;
      }
      String character = text.substring(chain.start(piece), chain.end(piece));
      for (byte value : character.getBytes(StandardCharsets.UTF_8)) {
        out.add(byteTokens[value & 0xff]);
      }
    }
  }

  private long find(String text, int start, int end) {
    if (end - start > longest) {
      return PieceChain.Merges.NONE;
    }
    int id = token(text.substring(start, end));
    return id == Tokenizer.NONE ? PieceChain.Merges.NONE : PieceChain.merge(order[id], id);
  }

  private int token(String piece) {
    int id = vocabulary.id(piece).orElse(Tokenizer.NONE);
    return id == Tokenizer.NONE || !vocabulary.type(id).merges() ? Tokenizer.NONE : id;
  }
}
