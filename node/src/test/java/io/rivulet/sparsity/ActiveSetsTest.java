package io.rivulet.sparsity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.profile.NeuronOrder;
import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.PredictionQuality;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What is said of sets of active neurons, against cases counted by hand. */
class ActiveSetsTest {

  @Test
  void recallPrecisionAndDensityCountOverAllTokens() {
    var tally = new PredictionTally(10);
    assertEquals(new PredictionQuality(1, 1, 0), tally.quality());
    tally.add(set(0, 1, 2, 3), set(0, 1, 4));
    tally.add(set(5), set(5));
    tally.add(set(), set(6));
    assertEquals(new PredictionQuality(3 / 5.0, 3 / 5.0, 5 / 30.0), tally.quality());
  }

  @Test
  void reuseIsTheShareThatWasActiveInTheWindow() {
    var one = new ActiveWindow(10, 1);
    var two = new ActiveWindow(10, 2);
    for (BitSet active : List.of(set(0, 1), set(1, 2, 3), set(0, 3), set(9))) {
      one.add(active);
      two.add(active);
    }
    // One token back: 1 of (1, 2, 3), 3 of (0, 3), none of (9); 2 + 3 + 2 were predicted.
    assertEquals(new PredictionQuality(2 / 6.0, 2 / 7.0, 7 / 30.0), one.quality());
    // Two back, from the third on: 0 and 3 of (0, 3), none of (9); 4 + 4 were predicted.
    assertEquals(new PredictionQuality(2 / 3.0, 2 / 8.0, 8 / 20.0), two.quality());
    assertEquals(set(0, 3, 9), two.union());
  }

  @Test
  void aWindowThatBeginsAgainRemembersNoTextBefore() {
    var window = new ActiveWindow(4, 1);
    window.add(set(0));
    window.restart();
    window.add(set(0));
    assertEquals(0, window.quality().density());
    assertThrows(IllegalArgumentException.class, () -> new ActiveWindow(4, 0));
  }

  @Test
  void aggregatedSparsityIsWhatNoTokenUsed() {
    var aggregated = new AggregatedSparsity(8);
    assertEquals(0.75, aggregated.add(set(0, 1)));
    assertEquals(0.625, aggregated.add(set(1, 2)));
    assertEquals(0.625, aggregated.add(set(0)));
  }

  @Test
  void theGapIsTheMostCoActiveNeuronLessTheMean() {
    // Together: (0, 1) twice, (0, 2) once, (1, 2) once; active: 0 three times, 1 and 2 twice.
    var sample = sample(4, set(0, 1), set(0, 1, 2), set(0), set(2));
    assertEquals(2, sample.together(0, 1));
    assertEquals(1, sample.apart(0, 1));
    assertEquals(3, sample.active(0));
    double ofZero = 2 / 3.0 - (2 / 3.0 + 1 / 3.0 + 0) / 3;
    double ofOne = 2 / 2.0 - (2 / 2.0 + 1 / 2.0 + 0) / 3;
    double ofTwo = 1 / 2.0 - (1 / 2.0 + 1 / 2.0 + 0) / 3;
    assertEquals((ofZero + ofOne + ofTwo) / 3, CoActivation.gap(sample), 1e-12);
    assertEquals(0, CoActivation.gap(sample(3, set())));
    assertEquals(0, CoActivation.gap(sample(1, set(0))));
  }

  @Test
  void aSampleHoldsAnyTokenAsLikelyAsAnother() {
    int[] held = new int[100];
    for (int seed = 0; seed < 2000; seed++) {
      var sample = new ActivationSample(100, 10, seed);
      for (int token = 0; token < 100; token++) {
        sample.add(set(token));
      }
      assertEquals(10, sample.tokens());
      int all = 0;
      for (int token = 0; token < 100; token++) {
        held[token] += sample.active(token);
        all += sample.active(token);
      }
      assertEquals(10, all);
    }
    for (int count : held) {
      assertEquals(200, count, 80);
    }
  }

  @Test
  void theOrderPutsNeuronsSideBySideThatAreActiveTogether() {
    // Neurons of the same remainder are active together.
    var tokens = new ArrayList<BitSet>();
    var random = new SplittableRandom(5);
    for (int token = 0; token < 200; token++) {
      BitSet active = new BitSet();
      int group = random.nextInt(4);
      for (int neuron = group; neuron < 64; neuron += 4) {
        if (random.nextDouble() < 0.9) {
          active.set(neuron);
        }
      }
      tokens.add(active);
    }
    var sample = sample(64, tokens.toArray(BitSet[]::new));
    NeuronOrder order = NeuronChain.of(sample);
    assertEquals(order, NeuronChain.of(sample));
    int changes = 0;
    for (int place = 1; place < 64; place++) {
      changes += order.neuron(place) % 4 == order.neuron(place - 1) % 4 ? 0 : 1;
    }
    assertEquals(3, changes);
    var before = ActiveRuns.inModelOrder(64);
    var after = new ActiveRuns(order);
    tokens.forEach(before::add);
    tokens.forEach(after::add);
    assertEquals(1, before.meanLength());
    assertTrue(after.meanLength() > 4, "" + after.meanLength());
    long apart = (long) sample.active(order.neuron(0)) + sample.active(order.neuron(63));
    for (int place = 1; place < 64; place++) {
      apart += sample.apart(order.neuron(place), order.neuron(place - 1));
    }
    assertEquals(apart, 2 * after.runs());
  }

  @Test
  void countsRunsUnderAnOrder() {
    var runs = new ActiveRuns(new NeuronOrder(3, 1, 0, 2));
    runs.add(set(0, 1, 2));
    runs.add(set(2, 3));
    runs.add(set());
    assertEquals(3, runs.runs());
    assertEquals(5 / 3.0, runs.meanLength(), 1e-12);
    assertEquals(3, runs.longest());
  }

  @Test
  void choosesTheSparsestPointWithinTheBudget() {
    List<OperatingPoint> points =
        List.of(
            new OperatingPoint(0, 10, 0.5),
            new OperatingPoint(0.1, 10.09, 0.3),
            new OperatingPoint(0.2, 10.2, 0.2),
            new OperatingPoint(0.3, 10.08, 0.25));
    assertEquals(OptionalInt.of(3), OperatingPointChoice.sparsest(points, 10, 1));
    assertEquals(OptionalInt.of(2), OperatingPointChoice.sparsest(points, 10, 2));
    assertEquals(OptionalInt.of(0), OperatingPointChoice.sparsest(points, 10, 0));
    assertEquals(OptionalInt.empty(), OperatingPointChoice.sparsest(points, 9, 1));
    assertThrows(
        IllegalArgumentException.class, () -> OperatingPointChoice.sparsest(points, 10, -1));
  }

  private static ActivationSample sample(int neurons, BitSet... tokens) {
    var sample = new ActivationSample(neurons, tokens.length, 1);
    for (BitSet token : tokens) {
      sample.add(token);
    }
    return sample;
  }

  private static BitSet set(int... neurons) {
    BitSet set = new BitSet();
    for (int neuron : neurons) {
      set.set(neuron);
    }
    return set;
  }
}
