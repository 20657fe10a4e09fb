package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * SentencePiece unigram, as GGUF files name "t5": of all ways to cut a normalized text into tokens
 * the one with the highest sum of scores, found by Viterbi's algorithm (Kudo 2018, <a
 * href="https://arxiv.org/abs/1804.10959">arXiv:1804.10959</a>). A character that is no token
 * becomes its bytes if the vocabulary has them, else an unknown token, one for a row of them.
 */
final class Unigram implements Subwords {

  static final String MERGE_SPACES_KEY = "tokenizer.ggml.remove_extra_whitespaces";

  private static final float UNKNOWN_PENALTY = 10;

  private final Vocabulary vocabulary;
  private final CharacterMap characterMap;
  private final PrefixIndex tokens;
  private final float[] scores;
  private final float unknownScore;
  private final int unknown;
  private final int[] byteTokens;
  private final boolean hasBytes;
  private final boolean addsSpace;
  private final boolean mergesSpaces;

  Unigram(Vocabulary vocabulary, GgufMetadata metadata, int unknown) {
    this.vocabulary = vocabulary;
    this.unknown = unknown;
    this.characterMap = CharacterMap.from(metadata);
    this.scores = vocabulary.scores(metadata);
    this.addsSpace = metadata.bool(Vocabulary.ADD_SPACE_KEY, false);
    this.mergesSpaces = metadata.bool(MERGE_SPACES_KEY, false);
    this.byteTokens = Subwords.byteTokens(vocabulary, Tokenizer.NONE);
    this.hasBytes = Arrays.stream(byteTokens).noneMatch(id -> id == Tokenizer.NONE);
    if (!hasBytes && unknown == Tokenizer.NONE) {
      throw metadata.invalid(
          Vocabulary.TOKENS_KEY, "has neither all of <0x00> to <0xFF> nor an unknown token");
    }
    float lowest = Float.MAX_VALUE;
    for (int id = 0; id < scores.length; id++) {
      if (vocabulary.type(id) == TokenType.NORMAL) {
        lowest = Math.min(lowest, scores[id]);
      }
    }
    this.unknownScore = lowest - UNKNOWN_PENALTY;
    this.tokens = new PrefixIndex(vocabulary, metadata);
  }

  @Override
  public void encode(String text, boolean first, IdList out) {
    String normalized = normalize(text);
    if (!normalized.isEmpty()) {
      new Lattice(normalized).write(out);
    }
  }

  @Override
  public boolean addsSpace() {
    return addsSpace || mergesSpaces;
  }

  private String normalize(String text) {
    var normalized = new StringBuilder(text.length() + 1);
    boolean inWord = false;
    boolean begun = false;
    for (char c : characterMap.apply(text).toCharArray()) {
      if (c == ' ') {
        inWord = false;
        if (!mergesSpaces) {
          normalized.append(SPACE);
        }
        continue;
      }
      if (!inWord) {
        inWord = true;
        if (mergesSpaces || (addsSpace && !begun)) {
          normalized.append(SPACE);
          begun = true;
        }
      }
      normalized.append(c);
    }
    return normalized.toString();
  }

  /** The best way to each place of a text: its last token, where that begins, its score. */
  private final class Lattice {

    private final String text;
    private final int[] token;
    private final int[] start;
    private final double[] score;

    Lattice(String text) {
      this.text = text;
      this.token = new int[text.length() + 1];
      this.start = new int[text.length() + 1];
      this.score = new double[text.length() + 1];
      Arrays.fill(score, Double.NEGATIVE_INFINITY);
      score[0] = 0;
      for (int at = 0; at < text.length(); ) {
        int from = at;
        int end = at + Character.charCount(text.codePointAt(at));
        tokens.find(text, at, (id, to) -> offer(from, to, id, scoreOf(id)));
        if (!isToken(text.substring(from, end))) {
          offer(from, end, Tokenizer.NONE, unknownScore);
        }
        at = end;
      }
    }

    private void offer(int from, int to, int id, double tokenScore) {
      double challenger = score[from] + tokenScore;
      if (challenger > score[to]) {
        score[to] = challenger;
        token[to] = id;
        start[to] = from;
      }
    }

    void write(IdList out) {
      int[] ends = new int[text.length()];
      int count = 0;
      for (int at = text.length(); at > 0; at = start[at]) {
        ends[count++] = at;
      }
      boolean afterUnknown = false;
      while (count > 0) {
        int end = ends[--count];
        boolean isUnknown = token[end] == Tokenizer.NONE;
        if (!isUnknown) {
          out.add(token[end]);
        } else if (hasBytes) {
          byte[] bytes = text.substring(start[end], end).getBytes(StandardCharsets.UTF_8);
          for (byte value : bytes) {
            out.add(byteTokens[value & 0xff]);
          }
        } else if (!afterUnknown) {
          out.add(unknown);
        }
        afterUnknown = isUnknown;
      }
    }
  }

  private boolean isToken(String character) {
    int id = vocabulary.id(character).orElse(Tokenizer.NONE);
    return id != Tokenizer.NONE && vocabulary.type(id).merges();
  }

  private double scoreOf(int id) {
    return vocabulary.type(id) == TokenType.USER_DEFINED ? 0 : scores[id];
  }
}
