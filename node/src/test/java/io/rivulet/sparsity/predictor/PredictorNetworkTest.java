package io.rivulet.sparsity.predictor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The gradient against differences of a loss that is written out in float64. */
class PredictorNetworkTest {

  private static final int RANK = 16;
  private static final int WIDTH = 21;
  private static final int NEURONS = 35;
  private static final int TOKENS = 7;
  private static final float POSITIVE_WEIGHT = 2.5f;
  private static final double STEP = 1e-5;

  private final SplittableRandom random = new SplittableRandom(1);
  private final double[][] in = normal(RANK, WIDTH, 0.3);
  private final double[][] out = normal(NEURONS, RANK, 0.5);
  private final double[] bias = normal(1, NEURONS, 1)[0];
  private final double[][] inputs = normal(TOKENS, WIDTH, 1);
  private final boolean[][] active = new boolean[TOKENS][NEURONS];
  private final long[][] bits = new long[TOKENS][1];

  @Test
  void gradientIsTheSlopeOfTheLoss() {
    for (int token = 0; token < TOKENS; token++) {
      for (int neuron = 0; neuron < NEURONS; neuron++) {
        active[token][neuron] = random.nextInt(4) == 0;
        bits[token][0] |= active[token][neuron] ? 1L << neuron : 0;
      }
    }
    try (Arena arena = Arena.ofConfined();
        var team = new ThreadTeam(1)) {
      var network =
          new PredictorNetwork(
              arena, Kernels.select(), new TeamWork(team), RANK, WIDTH, NEURONS, TOKENS + 3);
      load(network);
      network.score(TOKENS);
      double loss = 0;
      for (int token = 0; token < TOKENS; token++) {
        loss += network.loss(token, bits[token], POSITIVE_WEIGHT) / TOKENS;
      }
      assertEquals(loss(), loss, 1e-4);
      network.differentiate(TOKENS, bits, POSITIVE_WEIGHT);
      for (int row = 0; row < RANK; row++) {
        for (int column = 0; column < WIDTH; column++) {
          assertEquals(slope(in[row], column), network.in().gradient().get(row, column), 2e-5);
        }
        for (int neuron = 0; neuron < NEURONS; neuron++) {
          assertEquals(slope(out[neuron], row), network.out().gradient().get(row, neuron), 2e-5);
        }
      }
      for (int neuron = 0; neuron < NEURONS; neuron++) {
        assertEquals(slope(bias, neuron), network.bias().gradient().get(0, neuron), 2e-5);
      }
    }
  }

  private void load(PredictorNetwork network) {
    copy(in, network.in().values());
    for (int row = 0; row < RANK; row++) {
      for (int neuron = 0; neuron < NEURONS; neuron++) {
        network.out().values().set(row, neuron, (float) out[neuron][row]);
      }
    }
    copy(new double[][] {bias}, network.bias().values());
    copy(inputs, network.inputs());
  }

  private static void copy(double[][] from, FloatTensor to) {
    for (int row = 0; row < from.length; row++) {
      for (int column = 0; column < from[row].length; column++) {
        to.set(row, column, (float) from[row][column]);
      }
    }
  }

  private double slope(double[] parameters, int index) {
    double value = parameters[index];
    parameters[index] = value + STEP;
    double above = loss();
    parameters[index] = value - STEP;
    double below = loss();
    parameters[index] = value;
    return (above - below) / (2 * STEP);
  }

  private double loss() {
    double sum = 0;
    for (int token = 0; token < TOKENS; token++) {
      double[] hidden = new double[RANK];
      for (int row = 0; row < RANK; row++) {
        hidden[row] = dot(in[row], inputs[token]);
      }
      for (int neuron = 0; neuron < NEURONS; neuron++) {
        double probability = 1 / (1 + Math.exp(-dot(out[neuron], hidden) - bias[neuron]));
        sum -=
            active[token][neuron]
                ? POSITIVE_WEIGHT * Math.log(probability)
                : Math.log(1 - probability);
      }
    }
    return sum / TOKENS;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private double[][] normal(int rows, int cols, double deviation) {
    double[][] values = new double[rows][cols];
    for (double[] row : values) {
      for (int column = 0; column < cols; column++) {
        row[column] = (float) (deviation * random.nextGaussian());
      }
    }
    return values;
  }
}
