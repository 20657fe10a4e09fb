package io.rivulet.engine;

import io.rivulet.model.ForwardPass;
import io.rivulet.model.ModelSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Counts, for each layer, the neurons that were read for the tokens added. For one thread. */
final class NeuronTally {

  private final int neurons;
  private final long[] activeByLayer;
  private long computed;
  private long tokens;

  NeuronTally(ModelSpec spec) {
    neurons = spec.neurons();
    activeByLayer = new long[spec.layers()];
  }

  /** Adds the token in a row of the last batch, and returns the share of all neurons it read. */
  double add(ForwardPass pass, int row) {
    long active = 0;
    for (int layer = 0; layer < activeByLayer.length; layer++) {
      int read = pass.activeNeurons(row, layer);
      activeByLayer[layer] += read;
      active += read;
      computed += pass.computedNeurons(row, layer);
    }
    tokens++;
    return (double) active / ((long) activeByLayer.length * neurons);
  }

  /** Whether no token was added. */
  boolean isEmpty() {
    return tokens == 0;
  }

  /** The mean share of neurons that were computed; 1 where no token was added. */
  double computed() {
    return tokens == 0 ? 1 : (double) computed / (tokens * activeByLayer.length * neurons);
  }

  /** For each layer, the mean share of neurons read; 1 where no token was added. */
  List<Double> layerDensity() {
    if (tokens == 0) {
      return Collections.nCopies(activeByLayer.length, 1.0);
    }
    List<Double> densities = new ArrayList<>(activeByLayer.length);
    for (long active : activeByLayer) {
      densities.add((double) active / (tokens * neurons));
    }
    return List.copyOf(densities);
  }
}
