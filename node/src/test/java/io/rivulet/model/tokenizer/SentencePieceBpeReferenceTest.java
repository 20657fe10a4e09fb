package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.rivulet.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the definition, which looks at all pairs before each merge. */
class SentencePieceBpeReferenceTest {

  @TempDir Path folder;

  @Test
  void mergesAsTheDefinitionSays() throws IOException {
    var random = new SplittableRandom(7);
    for (int round = 0; round < 40; round++) {
      Map<String, Float> scores = randomVocabulary(random);
      List<String> texts = List.copyOf(scores.keySet());
      float[] scoreArray = new float[texts.size()];
      IntStream.range(0, scoreArray.length).forEach(i -> scoreArray[i] = scores.get(texts.get(i)));
      Tokenizer tokenizer =
          TinyVocabulary.tokenizer(
              folder,
              tiny ->
                  new GgufWriter()
                      .text("tokenizer.ggml.model", "llama")
                      .bool("tokenizer.ggml.add_bos_token", false)
                      .bool("tokenizer.ggml.add_space_prefix", false)
                      .texts("tokenizer.ggml.tokens", texts)
                      .floats("tokenizer.ggml.scores", scoreArray));
      for (int i = 0; i < 50; i++) {
        String text = randomText(random, random.nextInt(40));
        int[] expected = reference(text, scores).stream().mapToInt(texts::indexOf).toArray();
        assertArrayEquals(expected, tokenizer.encode(text), text);
      }
    }
  }

  private static List<String> reference(String text, Map<String, Float> scores) {
    var pieces = new ArrayList<String>(text.chars().mapToObj(Character::toString).toList());
    while (true) {
      int best = -1;
      float bestScore = Float.NEGATIVE_INFINITY;
      for (int i = 0; i + 1 < pieces.size(); i++) {
        Float score = scores.get(pieces.get(i) + pieces.get(i + 1));
        if (score != null && score > bestScore) {
          best = i;
          bestScore = score;
        }
      }
      if (best < 0) {
        return pieces;
      }
      pieces.set(best, pieces.get(best) + pieces.remove(best + 1));
    }
  }

  private static Map<String, Float> randomVocabulary(SplittableRandom random) {
    var scores = new HashMap<String, Float>();
    for (char c = 'a'; c <= 'c'; c++) {
      scores.put(Character.toString(c), 0f);
    }
    for (int i = 0; i < 30; i++) {
      scores.put(randomText(random, random.nextInt(2, 6)), (float) random.nextInt(-9, 1) * 0.5f);
    }
    return scores;
  }

  private static String randomText(SplittableRandom random, int length) {
    var text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) random.nextInt('a', 'd'));
    }
    return text.toString();
  }
}
