package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.Reference;
import java.lang.foreign.Arena;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LogSoftmaxTest {

  private static LoadedModel model;

  @BeforeAll
  static void open() {
    model = LoadedModel.open(Reference.model("nemotron"), Kernels.select());
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void agreesWithTheDefinitionOnRecordedLogits() {
    for (List<Float> logits : Reference.of("nemotron").logits()) {
      double sum = logits.stream().mapToDouble(logit -> Math.exp(logit)).sum();
      LogSoftmax softmax = over(floats(logits));

      for (int id = 0; id < logits.size(); id++) {
        assertEquals(Math.log(Math.exp(logits.get(id)) / sum), of(softmax, id), 1e-13);
      }
    }
  }

  @Test
  void theLikeliestComeFirstAndOfEqualsTheLowestId() {
    List<Float> logits = Reference.of("nemotron").logits().getLast();
    List<Integer> expected =
        IntStream.range(0, logits.size())
            .boxed()
            .sorted(Comparator.comparing((Integer id) -> -logits.get(id)))
            .limit(20)
            .toList();
    assertEquals(expected, top(over(floats(logits)), 20));

    float[] equals = new float[model.spec().vocabulary()];
    equals[7] = 1;
    assertEquals(List.of(7, 0, 1), top(over(equals), 3));
    assertEquals(List.of(), top(over(equals), 0));
  }

  @Test
  void aTokenIsToldByItsBytesAndTheirText() {
    float[] logits = new float[model.spec().vocabulary()];
    int letter = 3 + 'x';
    int half = 3 + 0xc3;

    LogProbabilities of = over(logits).of(letter, 0);

    assertEquals("x", of.chosen().text());
    assertEquals(List.of(120), of.chosen().bytes());
    assertEquals(-Math.log(logits.length), of.chosen().value(), 1e-13);
    LogProbability split = over(logits).of(half, 0).chosen();
    assertEquals("\ufffd", split.text());
    assertEquals(List.of(0xc3), split.bytes());
    assertEquals(List.of(), over(logits).of(model.tokenizer().eos(), 0).chosen().bytes());
  }

  @Test
  void certaintyIsNotMoreThanCertain() {
    float[] logits = new float[model.spec().vocabulary()];
    logits[5] = 3e38f;

    assertEquals(0, of(over(logits), 5));
    assertTrue(of(over(logits), 6) < -1e38);
  }

  private static double of(LogSoftmax softmax, int id) {
    return softmax.of(id, 0).chosen().value();
  }

  private static List<Integer> top(LogSoftmax softmax, int count) {
    return softmax.of(0, count).top().stream().map(LogProbability::tokenId).toList();
  }

  private static LogSoftmax over(float[] logits) {
    var softmax = new LogSoftmax(model.tokenizer(), logits.length);
    try (Arena arena = Arena.ofConfined()) {
      softmax.read(FloatTensor.of(arena, logits), 0);
    }
    return softmax;
  }

  private static float[] floats(List<Float> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }
}
