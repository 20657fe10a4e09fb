package io.rivulet.sparsity.calibration;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.NeuronRows;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.safetensors.SafetensorsWriter;
import io.rivulet.sparsity.CettCurve;
import io.rivulet.sparsity.NeuronSums;
import io.rivulet.sparsity.OutputMagnitude;
import io.rivulet.sparsity.ThresholdSearch;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * A layer's norms, and its thresholds for CETT targets.
 *
 * @param downNorms 1 x neurons
 * @param values a threshold for each target
 * @param densities share of the neurons over it
 */
record LayerThresholds(FloatTensor downNorms, List<Float> values, List<Double> densities) {

  private static final int POINTS = 16;

  private static final String NORMS = "down_norms";
  private static final String VALUES = "thresholds";
  private static final String DENSITIES = "densities";

  LayerThresholds {
    values = List.copyOf(values);
    densities = List.copyOf(densities);
  }

  /**
   * Searches.
   *
   * @param activations a row a token
   * @param arena owns the norms
   * @throws IllegalArgumentException if an activation is not finite
   */
  static LayerThresholds search(
      FloatTensor activations,
      NeuronRows down,
      List<Double> targets,
      Kernels kernels,
      ThreadTeam team,
      Arena arena) {
    FloatTensor norms = norms(down, kernels, arena);
    var search = new ThresholdSearch(targets, largest(activations, norms), POINTS);
    while (!search.done()) {
      search.measured(curve(activations, norms, down, search.grid(), kernels, team));
    }
    return new LayerThresholds(
        norms, search.thresholds(), densities(activations, norms, search.thresholds()));
  }

  /** As a step of a checkpoint. */
  SafetensorsWriter kept() {
    var writer = new SafetensorsWriter();
    Step.put(writer, NORMS, downNorms);
    Step.put(writer, VALUES, values.stream().map(Float::doubleValue).toList());
    Step.put(writer, DENSITIES, densities);
    return writer;
  }

  /**
   * What was kept.
   *
   * @param arena owns the norms
   */
  static LayerThresholds read(Step step, int neurons, int targets, Arena arena) {
    return new LayerThresholds(
        step.matrix(NORMS, 1, neurons, arena),
        step.numbers(VALUES, targets).stream().map(Double::floatValue).toList(),
        step.numbers(DENSITIES, targets));
  }

  /** For each neuron, what an activation has to be over at a point: 1 x neurons. */
  FloatTensor ofActivations(int point, Arena owner) {
    FloatTensor ofActivations = FloatTensor.allocate(owner, 1, downNorms.cols());
    for (int neuron = 0; neuron < downNorms.cols(); neuron++) {
      float norm = downNorms.get(0, neuron);
      ofActivations.set(0, neuron, norm == 0 ? Float.POSITIVE_INFINITY : values.get(point) / norm);
    }
    return ofActivations;
  }

  /** Of each neuron's row: its output for an activation of 1. */
  private static FloatTensor norms(NeuronRows down, Kernels kernels, Arena arena) {
    FloatTensor norms = FloatTensor.allocate(arena, 1, down.rows());
    try (Arena scratch = Arena.ofConfined()) {
      FloatTensor one = FloatTensor.allocate(scratch, 1, down.rows());
      FloatTensor row = FloatTensor.allocate(scratch, 1, down.cols());
      NeuronSums sums = NeuronSums.of(kernels, down);
      for (int neuron = 0; neuron < down.rows(); neuron++) {
        one.set(0, neuron, 1);
        sums.sum(one, new int[] {neuron}, row);
        double squares = 0;
        for (float value : row.row(0)) {
          squares += (double) value * value;
        }
        norms.set(0, neuron, (float) Math.sqrt(squares));
      }
    }
    return norms;
  }

  private static float largest(FloatTensor activations, FloatTensor norms) {
    float[] magnitudes = new float[norms.cols()];
    float largest = 0;
    for (int token = 0; token < activations.rows(); token++) {
      OutputMagnitude.of(activations, token, norms, magnitudes);
      for (float magnitude : magnitudes) {
        largest = Math.max(largest, magnitude);
      }
    }
    return largest;
  }

  private static CettCurve curve(
      FloatTensor activations,
      FloatTensor norms,
      NeuronRows down,
      float[] grid,
      Kernels kernels,
      ThreadTeam team) {
    // Tokens are dealt to a fixed number of parts, so that the sum does not depend on the threads.
    List<CettCurve> parts = new ArrayList<>();
    for (int part = 0; part < POINTS; part++) {
      parts.add(new CettCurve(norms.cols(), grid));
    }
    team.run(
        POINTS,
        part -> {
          try (Arena scratch = Arena.ofConfined()) {
            FloatTensor one = FloatTensor.allocate(scratch, 1, norms.cols());
            NeuronSums sums = NeuronSums.of(kernels, down);
            for (int token = part; token < activations.rows(); token += POINTS) {
              one.setRow(0, activations.row(token));
              parts.get(part).add(one, norms, sums);
            }
          }
        });
    CettCurve all = new CettCurve(norms.cols(), grid);
    parts.forEach(all::add);
    return all;
  }

  private static List<Double> densities(
      FloatTensor activations, FloatTensor norms, List<Float> thresholds) {
    long[] active = new long[thresholds.size()];
    float[] magnitudes = new float[norms.cols()];
    for (int token = 0; token < activations.rows(); token++) {
      OutputMagnitude.of(activations, token, norms, magnitudes);
      for (int i = 0; i < active.length; i++) {
        active[i] += OutputMagnitude.active(magnitudes, thresholds.get(i)).cardinality();
      }
    }
    List<Double> densities = new ArrayList<>();
    for (long count : active) {
      densities.add((double) count / ((long) activations.rows() * norms.cols()));
    }
    return densities;
  }
}
