package io.rivulet.protocol;

import java.util.List;
import java.util.Optional;

/**
 * How sparsely FFN neurons were computed, by one layer or all. What was not seen is absent.
 *
 * <p>Bytes are those of rows of the FFN's matrices as they lie in memory, scales included, added up
 * over the tokens of the window, each as if it were computed alone: in a batch, a row that several
 * tokens ask for is read from memory once. A token asks for the gate rows of all neurons, or of
 * those that a predictor named; for the up rows of these, or in a gated FFN that is sparse by
 * itself of those whose gate is not zero; and for the down rows of the neurons that it read. What
 * audits and predictors read is not counted. A dense model would read {@code bytesRead +
 * bytesSkipped}.
 *
 * @param density the share of neurons read, 0 to 1
 * @param predictedDensity the share that predictors named, of tokens computed by predictions
 * @param recall of the neurons that audits found active, the share that was named
 * @param recallFloor what an answer's audits must find, or it is computed exactly; of all layers
 *     the mean
 * @param precision of the neurons that were named in audits, the share that is active
 * @param cett the mean, over audits, of what is left out of an FFN's result as a share of it
 *     (arXiv:2402.03804, section 3)
 * @param cettCeiling what an answer's audits must not find more than; of all layers the mean
 * @param audits how many there were: recall, precision and CETT are theirs
 * @param fallback of the tokens that were to leave neurons out, the share that did not, since
 *     audits had found that the layer cannot be trusted with their answer
 * @param fallenBack answers running at the report's time that a layer is computed exactly for; of
 *     all layers the sum
 * @param bytesRead of weights, that the window's tokens asked for
 * @param bytesSkipped of weights, that they did not ask for
 * @param densityCounts for each of {@link SparsityReport#densityBounds}, how many tokens read a
 *     share of the neurons up to it and over the bound before; of all layers the sum
 */
public record SparsityFigures(
    double density,
    Optional<Double> predictedDensity,
    Optional<Double> recall,
    Optional<Double> recallFloor,
    Optional<Double> precision,
    Optional<Double> cett,
    Optional<Double> cettCeiling,
    long audits,
    double fallback,
    long fallenBack,
    long bytesRead,
    long bytesSkipped,
    List<Long> densityCounts) {

  public SparsityFigures {
    densityCounts = List.copyOf(densityCounts);
  }
}
