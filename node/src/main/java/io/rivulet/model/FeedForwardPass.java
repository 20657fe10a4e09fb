package io.rivulet.model;

import io.rivulet.kernels.Activation;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.Arena;
import java.util.stream.IntStream;

/** The FFN of a batch's rows, layer by layer; down leaves out neurons that are zero. */
final class FeedForwardPass {

  private final ModelSpec spec;
  private final Kernels kernels;
  private final StepWork work;
  private final Residual residual;
  private final LinearInput input;
  private final LinearInput neurons;
  private final FloatTensor hidden;
  private final FloatTensor gate;

  private final int[] allNeurons;
  private final int[][] activeNeurons;
  private final int[][] neuronsToSum;
  private final int[] activeCounts;
  private final int[] activeByLayer;

  private final ThreadTeam.Task up = this::up;
  private final ThreadTeam.Task findActive = this::findActive;
  private final ThreadTeam.Task down = this::down;

  // What the tasks work on.
  private Batch batch = new Batch(1);
  private FeedForwardWeights weights;
  private int layer;

  /**
   * Memory for it.
   *
   * @param input what it reads, normalised: rows x width
   */
  FeedForwardPass(
      ModelSpec spec,
      Weights model,
      Kernels kernels,
      StepWork work,
      Residual residual,
      LinearInput input,
      Arena arena) {
    this.spec = spec;
    this.kernels = kernels;
    this.work = work;
    this.residual = residual;
    this.input = input;
    weights = model.layers().getFirst().feedForward();
    int rows = input.rows();
    boolean downAsCodes =
        model.layers().stream().anyMatch(each -> each.feedForward().down().readsCodes());
    neurons = LinearInput.allocate(arena, rows, spec.neurons(), downAsCodes);
    hidden = neurons.values();
    gate = spec.feedForward().gated() ? FloatTensor.allocate(arena, rows, spec.neurons()) : hidden;
    allNeurons = IntStream.range(0, spec.neurons()).toArray();
    activeNeurons = new int[rows][spec.sparse() ? spec.neurons() : 0];
    neuronsToSum = new int[rows][];
    activeCounts = new int[rows];
    activeByLayer = new int[rows * spec.layers()];
  }

  /** How many rows of a layer's down projection were read for a row of the last batch. */
  int activeNeurons(int row, int layerOfModel) {
    return activeByLayer[row * spec.layers() + layerOfModel];
  }

  /** Adds what the FFN makes of the rows to the residual stream. */
  void run(Batch rows, FeedForwardWeights layerWeights, int layerIndex) {
    batch = rows;
    weights = layerWeights;
    layer = layerIndex;
    work.byColumn(batch.size(), spec.neurons(), up);
    work.run(batch.size(), findActive);
    residual.expect(weights.normAfter());
    if (weights.down() instanceof Down.Dense) {
      work.byColumn(batch.size(), spec.width(), down);
    } else {
      // Few wide parts: the narrower a part, the more pages of memory for what is read of them.
      work.run(Split.parts(spec.width(), work.threads()), down);
    }
    residual.finish(batch.size());
  }

  private void up(int part) {
    int from = work.start(spec.neurons(), part);
    int to = work.start(spec.neurons(), part + 1);
    weights.up().apply(kernels, input, batch.size(), hidden, from, to);
    if (weights.gate().isPresent()) {
      weights.gate().get().apply(kernels, input, batch.size(), gate, from, to);
    }
    for (int row = 0; row < batch.size(); row++) {
      activate(row, from, to);
    }
  }

  private void activate(int row, int from, int to) {
    FeedForwardSpec ffn = spec.feedForward();
    if (ffn.threshold() > 0) {
      kernels.rectify(gate, row, from, to, ffn.threshold());
    } else {
      kernels.activate(ffn.activation(), gate, row, from, to);
    }
    if (ffn.upRectified()) {
      kernels.activate(Activation.RELU, hidden, row, from, to);
    }
    if (ffn.gated()) {
      kernels.multiply(hidden, gate, row, from, to);
    }
  }

  /** A neuron that is zero stays zero in the inner norm, which has no bias. */
  private void findActive(int row) {
    if (weights.innerNorm().isPresent()) {
      Norm norm = weights.innerNorm().get();
      norm.apply(kernels, hidden, row, 0, spec.norms().epsilon(), hidden);
    }
    neurons.finish(kernels, row);
    int active = spec.neurons();
    if (batch.sparse(row) && spec.sparse()) {
      active = kernels.nonZero(hidden, row, 0, spec.neurons(), activeNeurons[row], 0);
    }
    neuronsToSum[row] = active == spec.neurons() ? allNeurons : activeNeurons[row];
    activeCounts[row] = active;
    activeByLayer[row * spec.layers() + layer] = active;
  }

  private void down(int part) {
    int from = work.start(spec.width(), part);
    int to = work.start(spec.width(), part + 1);
    FloatTensor delta = residual.delta();
    switch (weights.down()) {
      case Down.Dense(Linear linear) ->
          linear.apply(kernels, neurons, batch.size(), delta, from, to);
      case Down.NeuronMajor(var rows, var bias) -> {
        kernels.accumulateRows(
            rows, hidden, batch.size(), neuronsToSum, activeCounts, delta, from, to);
        for (int row = 0; bias.isPresent() && row < batch.size(); row++) {
          kernels.addBias(delta, bias.get(), row, from, to);
        }
      }
    }
    for (int row = 0; row < batch.size(); row++) {
      residual.add(row, from, to);
    }
  }
}
