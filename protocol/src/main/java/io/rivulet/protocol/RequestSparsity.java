package io.rivulet.protocol;

import java.util.List;
import java.util.Optional;

/**
 * How sparsely an attempt was computed.
 *
 * @param density the mean share of FFN neurons read, over generated tokens and layers, 0 to 1
 * @param predictedDensity the mean share that predictors named, of tokens computed by predictions
 * @param recall of the neurons that audits found active, the share that was named; absent where no
 *     prediction was audited
 * @param cett the mean, over audits, of what is left out of an FFN's result as a share of it;
 *     absent where nothing was audited
 * @param fallback of the tokens that were to leave neurons out, the share that did not, over layers
 * @param layerDensity the mean share of neurons read, for each layer
 */
public record RequestSparsity(
    double density,
    Optional<Double> predictedDensity,
    Optional<Double> recall,
    Optional<Double> cett,
    double fallback,
    List<Double> layerDensity) {

  public RequestSparsity {
    layerDensity = List.copyOf(layerDensity);
  }
}
