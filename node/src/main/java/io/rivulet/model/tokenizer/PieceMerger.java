package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * BPE by scores: beginning with characters, the two neighbours whose joint text is the token with
 * the highest score are merged, the leftmost of equals, until none are left. Characters that are no
 * token become their bytes. Time n log n in the length of the text.
 */
final class PieceMerger {

  private static final String SCORES_KEY = "tokenizer.ggml.scores";

  private final Map<String, Integer> ids = new HashMap<>();
  private final float[] scores;
  private final int[] byteIds;
  private final int longest;

  /** A pair that could be merged, found when its two pieces had this length together. */
  private record Merge(int left, int right, int length, float score) implements Comparable<Merge> {
    @Override
    public int compareTo(Merge other) {
      int byScore = Float.compare(other.score, score);
      return byScore != 0 ? byScore : Integer.compare(left, other.left);
    }
  }

  PieceMerger(Vocabulary vocabulary, GgufMetadata metadata, int[] byteIds) {
    this.scores = metadata.floats(SCORES_KEY);
    this.byteIds = byteIds;
    Vocabulary.requireOneEach(metadata, SCORES_KEY, scores.length, vocabulary.size());
    int length = 0;
    for (int id = 0; id < scores.length; id++) {
      if (!Float.isFinite(scores[id])) {
        throw metadata.invalid(SCORES_KEY, "has " + scores[id] + " for token " + id);
      }
      scores[id] += 0f; // makes -0, which would sort below 0, a 0
      if (vocabulary.type(id).merges() && !vocabulary.text(id).isEmpty()) {
        ids.put(vocabulary.text(id), id);
        length = Math.max(length, vocabulary.text(id).length());
      }
    }
    this.longest = length;
    if (Arrays.stream(byteIds).anyMatch(id -> id == Tokenizer.NONE)) {
      throw metadata.invalid(
          Vocabulary.TOKENS_KEY, "has neither all of <0x00> to <0xFF> nor an unknown token");
    }
  }

  /** Adds the ids of a text. */
  void encode(String text, IdList out) {
    new Chain(text).mergeAll(out);
  }

  /** A text in pieces, each known by the number of its first character, doubly linked. */
  private final class Chain {

    private final String text;
    private final int count;
    private final int[] start;
    private final int[] length;
    private final int[] previous;
    private final int[] next;
    private final PriorityQueue<Merge> merges = new PriorityQueue<>();

    Chain(String text) {
      this.text = text;
      this.count = text.codePointCount(0, text.length());
      this.start = new int[count];
      this.length = new int[count];
      this.previous = new int[count];
      this.next = new int[count];
      int at = 0;
      for (int i = 0; i < count; i++) {
        start[i] = at;
        length[i] = Character.charCount(text.codePointAt(at));
        previous[i] = i - 1;
        next[i] = i + 1;
        at += length[i];
      }
    }

    void mergeAll(IdList out) {
      for (int i = 1; i < count; i++) {
        propose(i - 1, i);
      }
      for (Merge merge = merges.poll(); merge != null; merge = merges.poll()) {
        apply(merge);
      }
      for (int i = 0; i < count; i = next[i]) {
        emit(i, out);
      }
    }

    private void propose(int left, int right) {
      if (left < 0 || right >= count) {
        return;
      }
      int joint = length[left] + length[right];
      if (joint > longest) {
        return;
      }
      Integer id = ids.get(text.substring(start[left], start[left] + joint));
      if (id != null) {
        merges.add(new Merge(left, right, joint, scores[id]));
      }
    }

    private void apply(Merge merge) {
      int left = merge.left();
      int right = merge.right();
      boolean stale =
          length[left] == 0 || length[right] == 0 || length[left] + length[right] != merge.length();
      if (stale) {
        return;
      }
      length[left] = merge.length();
      length[right] = 0;
      next[left] = next[right];
      if (next[left] < count) {
        previous[next[left]] = left;
      }
      propose(previous[left], left);
      propose(left, next[left]);
    }

    private void emit(int i, IdList out) {
      String piece = text.substring(start[i], start[i] + length[i]);
      Integer id = ids.get(piece);
      if (id != null) {
        out.add(id);
        return;
      }
      for (byte value : piece.getBytes(StandardCharsets.UTF_8)) {
        out.add(byteIds[value & 0xff]);
      }
    }
  }
}
