package io.rivulet.protocol;

import java.util.Optional;

/**
 * How sparsely FFN neurons were computed, by one layer or all. What was not seen is absent.
 *
 * @param density the share of neurons read, 0 to 1
 * @param predictedDensity the share that predictors named, of tokens computed by predictions
 * @param recall of the neurons that audits found active, the share that was named
 * @param precision of the neurons that were named in audits, the share that is active
 * @param cett the mean, over audits, of what is left out of an FFN's result as a share of it
 *     (arXiv:2402.03804, section 3)
 * @param audits how many there were: recall, precision and CETT are theirs
 * @param fallback of the tokens that were to leave neurons out, the share that did not, since
 *     audits had found that the layer cannot be trusted with their answer
 */
public record SparsityFigures(
    double density,
    Optional<Double> predictedDensity,
    Optional<Double> recall,
    Optional<Double> precision,
    Optional<Double> cett,
    long audits,
    double fallback) {

  /** Without predictions and audits. */
  public SparsityFigures(double density) {
    this(density, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 0, 0);
  }
}
