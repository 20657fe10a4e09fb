package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.ModelFileException;
import java.util.Arrays;
import java.util.List;

/**
 * The merges of a byte-level vocabulary, in their order: pairs of tokens and what they become.
 * Grouped by the left token, so that one takes 12 bytes.
 */
final class MergeRanks implements PieceChain.Merges {

  static final String KEY = "tokenizer.ggml.merges";

  /** Where the pairs of each left token begin in the array of pairs. */
  private final int[] firstPair;

  /** The right token, and below it the rank. */
  private final long[] pairs;

  /** What the merge of each rank makes. */
  private final int[] joint;

  MergeRanks(Vocabulary vocabulary, GgufMetadata metadata) {
    List<String> merges = metadata.texts(KEY);
    int[] left = new int[merges.size()];
    int[] right = new int[merges.size()];
    this.joint = new int[merges.size()];
    this.firstPair = new int[vocabulary.size() + 1];
    for (int rank = 0; rank < joint.length; rank++) {
      String merge = merges.get(rank);
      int space = merge.indexOf(' ', 1);
      if (space < 0 || space == merge.length() - 1) {
        throw invalid(metadata, rank, merge, "expected two tokens with a space between them");
      }
      String first = merge.substring(0, space);
      String second = merge.substring(space + 1);
      left[rank] = token(vocabulary, metadata, rank, merge, first);
      right[rank] = token(vocabulary, metadata, rank, merge, second);
      joint[rank] = token(vocabulary, metadata, rank, merge, first + second);
      firstPair[left[rank] + 1]++;
    }
    for (int id = 0; id < vocabulary.size(); id++) {
      firstPair[id + 1] += firstPair[id];
    }
    this.pairs = new long[joint.length];
    int[] next = firstPair.clone();
    for (int rank = 0; rank < joint.length; rank++) {
      pairs[next[left[rank]]++] = (long) right[rank] << 32 | rank;
      if (!vocabulary.type(joint[rank]).merges()) {
        joint[rank] = Tokenizer.NONE;
      }
    }
    for (int id = 0; id < vocabulary.size(); id++) {
      Arrays.sort(pairs, firstPair[id], firstPair[id + 1]);
    }
  }

  @Override
  public long find(int left, int right, int start, int end) {
    if (left == Tokenizer.NONE || right == Tokenizer.NONE) {
      return NONE;
    }
    int low = firstPair[left];
    int high = firstPair[left + 1];
    int stop = high;
    long wanted = (long) right << 32;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (pairs[middle] < wanted) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == stop || pairs[low] >> 32 != right) {
      return NONE;
    }
    int rank = (int) pairs[low];
    return joint[rank] == Tokenizer.NONE ? NONE : PieceChain.merge(rank, joint[rank]);
  }

  private static int token(
      Vocabulary vocabulary, GgufMetadata metadata, int rank, String merge, String token) {
    return vocabulary
        .id(token)
        .orElseThrow(
            () ->
                invalid(
                    metadata,
                    rank,
                    merge,
                    ModelFileException.quote(token) + " is not in the vocabulary"));
  }

  private static ModelFileException invalid(
      GgufMetadata metadata, int rank, String merge, String problem) {
    return metadata.invalid(
        KEY, "has merge %d, %s: %s".formatted(rank, ModelFileException.quote(merge), problem));
  }
}
