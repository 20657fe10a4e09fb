package io.rivulet.engine;

import io.rivulet.model.FeedForwardBytes;
import io.rivulet.model.ForwardPass;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.Transformer;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Counts, for each layer, what tokens took and what audits found. For one thread. */
final class NeuronTally {

  private final Transformer transformer;
  private final int neurons;
  private final int[] densityBounds;
  private long tokens;
  private long calibrated;
  private final long[] computed;
  private final long[] up;
  private final long[] read;
  private final long[][] densityCounts;
  private final long[] fallbacks;
  private final long[] predicted;
  private final long[] named;
  private final long[] audits;
  private final double[] cett;
  private final long[] active;
  private final long[] namedInAudits;
  private final long[] found;
  private long united;
  private long steps;

  NeuronTally(Transformer transformer) {
    this.transformer = transformer;
    int layers = transformer.spec().layers();
    neurons = transformer.spec().neurons();
    densityBounds = DensityBounds.ofNeurons(neurons);
    computed = new long[layers];
    up = new long[layers];
    read = new long[layers];
    densityCounts = new long[layers][densityBounds.length];
    fallbacks = new long[layers];
    predicted = new long[layers];
    named = new long[layers];
    audits = new long[layers];
    cett = new double[layers];
    active = new long[layers];
    namedInAudits = new long[layers];
    found = new long[layers];
  }

  /** Adds the token in a row of the last batch, and returns the share of all neurons it read. */
  double add(ForwardPass pass, int row) {
    long all = 0;
    boolean leavesOut = pass.mode(row).calibrated();
    for (int layer = 0; layer < read.length; layer++) {
      int ofLayer = pass.activeNeurons(row, layer);
      read[layer] += ofLayer;
      densityCounts[layer][DensityBounds.indexOf(densityBounds, ofLayer)]++;
      int computedOfLayer = pass.computedNeurons(row, layer);
      computed[layer] += computedOfLayer;
      up[layer] += pass.upNeurons(row, layer);
      all += ofLayer;
      SparsityMode mode = pass.mode(row, layer);
      if (mode == SparsityMode.PREDICTED) {
        predicted[layer]++;
        named[layer] += computedOfLayer;
      } else if (leavesOut && !mode.calibrated()) {
        fallbacks[layer]++;
      }
    }
    calibrated += leavesOut ? 1 : 0;
    tokens++;
    return (double) all / ((long) read.length * neurons);
  }

  /** Adds what an audit found of a prediction. */
  void addPrediction(int layer, int activeNeurons, int namedNeurons, int foundNeurons) {
    active[layer] += activeNeurons;
    namedInAudits[layer] += namedNeurons;
    found[layer] += foundNeurons;
  }

  /** Adds an audit with its error. */
  void addError(int layer, double error) {
    audits[layer]++;
    cett[layer] += error;
  }

  /** Adds what the rows of the last batch asked for together. */
  void addStep(ForwardPass pass) {
    for (int layer = 0; layer < read.length; layer++) {
      united += pass.unitedNeurons(layer);
    }
    steps++;
  }

  /** The mean share of neurons that any row of a batch asked for; 1 where no step was added. */
  double united() {
    return steps == 0 ? 1 : (double) united / (steps * read.length * neurons);
  }

  /** Whether no token was added. */
  boolean isEmpty() {
    return tokens == 0;
  }

  /** What there is of each layer. */
  List<NeuronActivity> layers() {
    return IntStream.range(0, read.length).mapToObj(this::layer).toList();
  }

  private NeuronActivity layer(int layer) {
    return new NeuronActivity(
        neurons,
        tokens,
        read[layer],
        calibrated,
        fallbacks[layer],
        predicted[layer],
        named[layer],
        new AuditTotals(
            audits[layer], cett[layer], active[layer], namedInAudits[layer], found[layer]),
        bytes(layer),
        LongStream.of(densityCounts[layer]).boxed().toList());
  }

  private WeightBytes bytes(int layer) {
    FeedForwardBytes bytes = transformer.feedForwardBytes(layer);
    double needed =
        (double) bytes.gate() * computed[layer]
            + (double) bytes.up() * up[layer]
            + (double) bytes.down() * read[layer];
    long ofRows = Math.round(needed / neurons);
    return new WeightBytes(ofRows, tokens * bytes.all() - ofRows);
  }

  /** For each layer, the mean share of neurons read; 1 where no token was added. */
  List<Double> layerDensity() {
    return layers().stream().map(NeuronActivity::density).toList();
  }
}
