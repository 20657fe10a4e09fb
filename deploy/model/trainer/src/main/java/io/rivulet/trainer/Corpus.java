package io.rivulet.trainer;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * A tokenised text, paragraph by paragraph, in two forms: as the tokenizer encodes a paragraph at
 * the very start of a prompt (with the space it puts before the first word) and as it encodes one
 * after a line break (without). An empty paragraph ends a document.
 */
final class Corpus {
  static final int BEGIN = 1;
  static final int END = 2;

  /** The byte token of a line feed: bytes follow the three special tokens. */
  static final int NEWLINE = 3 + '\n';

  private final Paragraphs first;
  private final Paragraphs following;

  private Corpus(Paragraphs first, Paragraphs following) {
    this.first = first;
    this.following = following;
  }

  /** Reads two files of token numbers, one paragraph a line. */
  static Corpus read(Path firstForm, Path followingForm) throws IOException {
    Paragraphs first = Paragraphs.read(firstForm);
    Paragraphs following = Paragraphs.read(followingForm);
    if (first.count() != following.count()) {
      throw new IOException(
          "%s has %d lines and %s has %d: encode the same text twice"
              .formatted(firstForm, first.count(), followingForm, following.count()));
    }
    return new Corpus(first, following);
  }

  /**
   * Paragraphs at which to start windows of {@code length} tokens so that all of the text is
   * covered, shuffled. A window that ends inside a paragraph is followed by one that starts with
   * that paragraph.
   */
  int[] windowStarts(int length, long seed) {
    List<Integer> starts = new ArrayList<>();
    int at = 0;
    while (at < first.count()) {
      if (first.length(at) == 0) {
        at++;
        continue;
      }
      starts.add(at);
      int next = at;
      for (int used = 1; next < first.count() && used + first.length(next) < length; next++) {
        used += first.length(next) + 1;
      }
      at = Math.max(next, at + 1);
    }
    Collections.shuffle(starts, new Random(seed));
    return starts.stream().mapToInt(Integer::intValue).toArray();
  }

  /**
   * Tokens of a window: begin-of-text, then paragraphs; {@code length} numbers, wrapping round at
   * the text's end.
   */
  long[] window(int paragraph, int length) {
    long[] tokens = new long[length];
    int used = 0;
    boolean fresh = true;
    for (int at = paragraph; used < length; at = (at + 1) % first.count()) {
      if (first.length(at) == 0) {
        if (!fresh) {
          tokens[used++] = END;
        }
        fresh = true;
        continue;
      }
      tokens[used++] = fresh ? BEGIN : NEWLINE;
      used = (fresh ? first : following).copy(at, tokens, used);
      fresh = false;
    }
    return tokens;
  }

  long tokens() {
    return first.ids.length;
  }

  /** Token numbers of all paragraphs, with where each starts. */
  private record Paragraphs(short[] ids, int[] starts) {
    int count() {
      return starts.length - 1;
    }

    int length(int paragraph) {
      return starts[paragraph + 1] - starts[paragraph];
    }

    int copy(int paragraph, long[] target, int used) {
      int count = Math.min(length(paragraph), target.length - used);
      for (int i = 0; i < count; i++) {
        target[used + i] = Short.toUnsignedInt(ids[starts[paragraph] + i]);
      }
      return used + count;
    }

    static Paragraphs read(Path file) throws IOException {
      short[] ids = new short[1 << 20];
      int[] starts = new int[1 << 16];
      int used = 0;
      int lines = 0;
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20)) {
        int number = -1;
        for (int c = in.read(); c >= 0; c = in.read()) {
          if (c >= '0' && c <= '9') {
            number = Math.max(number, 0) * 10 + c - '0';
            continue;
          }
          if (number >= 0) {
            ids = used == ids.length ? Arrays.copyOf(ids, 2 * used) : ids;
            ids[used++] = (short) number;
            number = -1;
          }
          if (c == '\n') {
            starts = ++lines == starts.length ? Arrays.copyOf(starts, 2 * lines) : starts;
            starts[lines] = used;
          } else if (c != ' ' && c != '\r') {
            throw new IOException(file + ": not a file of token numbers, one paragraph a line");
          }
        }
      }
      return new Paragraphs(Arrays.copyOf(ids, used), Arrays.copyOf(starts, lines + 1));
    }
  }
}
