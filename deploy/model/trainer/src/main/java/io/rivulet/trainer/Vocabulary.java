package io.rivulet.trainer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A SentencePiece vocabulary, from the text file its trainer writes: a piece, a tab and a score a
 * line.
 *
 * @param pieces by token number; ▁ (U+2581) is a space, {@code <0xNN>} a byte
 * @param scores by token number
 */
record Vocabulary(List<String> pieces, float[] scores) {
  static Vocabulary read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    float[] scores = new float[lines.size()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = Float.parseFloat(lines.get(i).substring(lines.get(i).lastIndexOf('\t') + 1));
    }
    return new Vocabulary(
        lines.stream().map(line -> line.substring(0, line.lastIndexOf('\t'))).toList(), scores);
  }

  boolean isByte(int token) {
    return token > Corpus.END && pieces.get(token).matches("<0x[0-9A-F]{2}>");
  }

  /** The text of these tokens; special tokens have none. */
  String decode(List<Integer> tokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int token : tokens) {
      if (isByte(token)) {
        bytes.write(Integer.parseInt(pieces.get(token).substring(3, 5), 16));
      } else if (token > Corpus.END) {
        bytes.writeBytes(pieces.get(token).replace('▁', ' ').getBytes(StandardCharsets.UTF_8));
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
