package io.rivulet.protocol;

import java.util.List;

/**
 * How sparsely an attempt was computed.
 *
 * @param density the mean share of FFN neurons read, over generated tokens and layers, 0 to 1
 * @param layerDensity the same for each layer
 */
public record RequestSparsity(double density, List<Double> layerDensity) {

  public RequestSparsity {
    layerDensity = List.copyOf(layerDensity);
  }
}
