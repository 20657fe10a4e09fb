package io.rivulet.sparsity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** CETT and the search for thresholds, against cases by hand and plain loops in float64. */
class CettTest {

  private static final int NEURONS = 200;
  private static final int WIDTH = 24;
  private static final int TOKENS = 40;

  private final Arena arena = Arena.ofShared();

  @AfterEach
  void freesMemory() {
    arena.close();
  }

  @Test
  void aMagnitudeIsTheActivationTimesTheNormOfItsColumn() {
    float[] magnitudes = new float[3];
    FloatTensor activations = FloatTensor.of(arena, -2, 0, 0.5f);
    OutputMagnitude.of(activations, 0, FloatTensor.of(arena, 5, 7, 3), magnitudes);
    assertArrayEquals(new float[] {10, 0, 1.5f}, magnitudes);
    assertEquals("{0, 2}", OutputMagnitude.active(magnitudes, 0).toString());
    assertEquals("{0}", OutputMagnitude.active(magnitudes, 1.5f).toString());
  }

  @Test
  void isTheNormOfWhatIsLeftOutOverTheNormOfAll() {
    // Outputs (3, 0), (0, 4), (0, 12): magnitudes 3, 4, 12; all together (3, 16).
    Layer layer = new Layer(new float[][] {{1, 0}, {0, 2}, {0, -3}});
    CettCurve curve = new CettCurve(3, 0, 3, 3.5f, 4, 20);
    layer.add(curve, 3, 2, -4);
    double all = Math.hypot(3, 16);
    assertEquals(0, curve.cett(0));
    assertEquals(3 / all, curve.cett(1), 1e-12);
    assertEquals(3 / all, curve.cett(2), 1e-12);
    assertEquals(5 / all, curve.cett(3), 1e-12);
    assertEquals(1, curve.cett(4), 1e-12);
    assertEquals(List.of(3L, 2L, 2L, 1L, 0L), active(curve));
    assertEquals(1 / 3.0, curve.density(3), 1e-12);
  }

  @Test
  void isTheMeanOverTokens() {
    Layer layer = new Layer(new float[][] {{1}, {1}});
    CettCurve curve = new CettCurve(2, 1);
    layer.add(curve, 1, 3);
    CettCurve others = new CettCurve(2, 1);
    layer.add(others, 1, 1);
    layer.add(others, 0, 0);
    curve.add(others);
    assertEquals(3, curve.tokens());
    assertEquals((0.25 + 1 + 0) / 3, curve.cett(0), 1e-12);
    assertThrows(IllegalArgumentException.class, () -> curve.add(new CettCurve(2, 2)));
  }

  @Test
  void refusesWhatIsNotFinite() {
    Layer layer = new Layer(new float[][] {{1}, {1}});
    CettCurve curve = new CettCurve(2, 1);
    String message =
        assertThrows(IllegalArgumentException.class, () -> layer.add(curve, 1, Float.NaN))
            .getMessage();
    assertTrue(message.startsWith("neuron 1 has activation NaN"), message);
    assertEquals(0, curve.tokens());
    assertThrows(IllegalArgumentException.class, () -> new CettCurve(2, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new CettCurve(2, -1));
  }

  @Test
  void agreesWithPlainLoopsForRandomWeights() {
    RandomLayer random = new RandomLayer();
    float[] thresholds = {0, 0.5f, 2, 5, 11, 40};
    CettCurve curve = random.measure(thresholds);
    for (int i = 0; i < thresholds.length; i++) {
      assertEquals(random.cett(thresholds[i]), curve.cett(i), 1e-6);
      assertEquals(random.density(thresholds[i]), curve.density(i), 1e-12);
    }
  }

  @Test
  void findsTheThresholdOfEachTarget() {
    RandomLayer random = new RandomLayer();
    List<Double> targets = List.of(0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5);
    ThresholdSearch search = new ThresholdSearch(targets, random.largest(), 4);
    int passes = 0;
    while (!search.done()) {
      search.measured(random.measure(search.grid()));
      passes++;
    }
    assertTrue(passes < 12, "" + passes);
    assertEquals(0, search.grid().length);
    assertEquals(0, search.thresholds().getFirst());
    for (int i = 1; i < targets.size(); i++) {
      double cett = random.cett(search.thresholds().get(i));
      assertEquals(targets.get(i), cett, ThresholdSearch.TOLERANCE * targets.get(i));
      assertEquals(cett, search.cett().get(i), 1e-6);
    }
  }

  @Test
  void staysUnderATargetThatNoThresholdMeets() {
    Layer layer = new Layer(new float[][] {{1}, {1}});
    // Without the smaller output the CETT is 0.4, without both it is 1.
    assertTrue(only(layer, 0.3, 1, 1.5f) < 1);
    double threshold = only(layer, 0.6, 1, 1.5f);
    assertTrue(threshold >= 1 && threshold < 1.5, "" + threshold);
  }

  @Test
  void aLayerWithoutActiveNeuronHasThresholdZero() {
    assertTrue(new ThresholdSearch(List.of(0.0, 0.2), 0, 8).done());
    ThresholdSearch smallest = new ThresholdSearch(List.of(0.2), Float.MIN_VALUE, 8);
    assertEquals(List.of(0f), smallest.thresholds());
    assertTrue(smallest.done());
  }

  private double only(Layer layer, double target, float... activations) {
    ThresholdSearch search = new ThresholdSearch(List.of(target), 1.5f, 8);
    while (!search.done()) {
      CettCurve curve = new CettCurve(2, search.grid());
      layer.add(curve, activations);
      search.measured(curve);
    }
    return search.thresholds().getFirst();
  }

  private static List<Long> active(CettCurve curve) {
    var active = new ArrayList<Long>();
    for (int i = 0; i < curve.size(); i++) {
      active.add(curve.active(i));
    }
    return active;
  }

  /** Down rows in F32. */
  private class Layer {
    private final float[][] rows;
    private final FloatTensor norms;
    private final NeuronSums down;

    Layer(float[][] rows) {
      this.rows = rows;
      int width = rows[0].length;
      var data = arena.allocate((long) rows.length * width * Float.BYTES, 64);
      norms = FloatTensor.allocate(arena, 1, rows.length);
      for (int i = 0; i < rows.length; i++) {
        for (int c = 0; c < width; c++) {
          data.setAtIndex(ValueLayout.JAVA_FLOAT, (long) i * width + c, rows[i][c]);
        }
        norms.set(0, i, (float) norm(rows[i]));
      }
      down = NeuronSums.of(Kernels.scalar(), new Matrix(WeightType.F32, rows.length, width, data));
    }

    void add(CettCurve curve, float... activations) {
      curve.add(FloatTensor.of(arena, activations), norms, down);
    }

    static double norm(float[] vector) {
      double squares = 0;
      for (float value : vector) {
        squares += (double) value * value;
      }
      return Math.sqrt(squares);
    }
  }

  /** Tokens of squared normal activations, of which some are zero. */
  private final class RandomLayer {
    private final SplittableRandom random = new SplittableRandom(7);
    private final Layer layer = new Layer(normal(NEURONS, WIDTH));
    private final float[][] activations = normal(TOKENS, NEURONS);

    RandomLayer() {
      for (float[] token : activations) {
        for (int i = 0; i < NEURONS; i++) {
          token[i] = token[i] < 0 ? 0 : token[i] * token[i];
        }
      }
    }

    private float[][] normal(int rows, int cols) {
      float[][] values = new float[rows][cols];
      for (float[] row : values) {
        for (int c = 0; c < cols; c++) {
          row[c] = (float) random.nextGaussian();
        }
      }
      return values;
    }

    CettCurve measure(float... thresholds) {
      CettCurve curve = new CettCurve(NEURONS, thresholds);
      for (float[] token : activations) {
        layer.add(curve, token);
      }
      return curve;
    }

    float largest() {
      float largest = 0;
      for (float[] token : activations) {
        for (int i = 0; i < NEURONS; i++) {
          largest = Math.max(largest, magnitude(token, i));
        }
      }
      return largest;
    }

    private float magnitude(float[] token, int neuron) {
      return token[neuron] * layer.norms.get(0, neuron);
    }

    double cett(float threshold) {
      double sum = 0;
      for (float[] token : activations) {
        double[] left = new double[WIDTH];
        double[] all = new double[WIDTH];
        for (int i = 0; i < NEURONS; i++) {
          for (int c = 0; c < WIDTH; c++) {
            double term = (double) token[i] * layer.rows[i][c];
            all[c] += term;
            left[c] += magnitude(token, i) > threshold ? 0 : term;
          }
        }
        sum += Math.sqrt(squares(left) / squares(all));
      }
      return sum / TOKENS;
    }

    private static double squares(double[] vector) {
      return Arrays.stream(vector).map(value -> value * value).sum();
    }

    double density(float threshold) {
      long active = 0;
      for (float[] token : activations) {
        for (int i = 0; i < NEURONS; i++) {
          active += magnitude(token, i) > threshold ? 1 : 0;
        }
      }
      return (double) active / (TOKENS * NEURONS);
    }
  }
}
