package io.rivulet.engine;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/** Log-probabilities of a row of logits, in double precision. For one thread. */
final class LogSoftmax {

  private final Tokenizer tokenizer;
  private final float[] scores;
  private double logSumExp;

  LogSoftmax(Tokenizer tokenizer, int vocabulary) {
    this.tokenizer = tokenizer;
    scores = new float[vocabulary];
  }

  /** Takes a row, which may be changed after that. */
  void read(FloatTensor logits, int row) {
    Logits.copy(logits, row, scores);
    logSumExp = Logits.logSumExp(scores);
  }

  /** Of a token, and of the likeliest ones. */
  LogProbabilities of(int token, int top) {
    List<LogProbability> likeliest = new ArrayList<>();
    for (int id : likeliest(Math.min(top, scores.length))) {
      likeliest.add(of(id));
    }
    return new LogProbabilities(of(token), likeliest);
  }

  private LogProbability of(int token) {
    byte[] bytes = tokenizer.bytes(token);
    List<Integer> unsigned = new ArrayList<>(bytes.length);
    for (byte b : bytes) {
      unsigned.add(Byte.toUnsignedInt(b));
    }
    return new LogProbability(
        token, new String(bytes, UTF_8), unsigned, Math.min(0, scores[token] - logSumExp));
  }

  /** The likeliest first, and of equals the lowest id. */
  private int[] likeliest(int count) {
    int[] ids = new int[count];
    int filled = 0;
    for (int id = 0; id < scores.length; id++) {
      int at = filled;
      while (at > 0 && scores[id] > scores[ids[at - 1]]) {
        at--;
      }
      if (at < count) {
        filled = Math.min(filled + 1, count);
        System.arraycopy(ids, at, ids, at + 1, filled - 1 - at);
        ids[at] = id;
      }
    }
    return ids;
  }
}
