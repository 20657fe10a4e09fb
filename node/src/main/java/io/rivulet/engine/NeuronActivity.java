package io.rivulet.engine;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.LongBinaryOperator;
import java.util.stream.IntStream;

/**
 * How many neurons were computed and read, added up over tokens: by one layer, or by several, where
 * each counts a token of its own. The difference of two readings is a window.
 *
 * @param neurons of a layer
 * @param tokens computed
 * @param read neurons whose rows of the down matrix were read
 * @param calibrated tokens of which neurons were to be left out that are not zero
 * @param fallbacks those of them that were computed exactly, since the layer was not trusted
 * @param predicted those of them whose neurons a predictor named
 * @param named neurons that it named
 * @param audits what audits found
 * @param bytes of weights that the tokens needed, and did not need
 * @param densityCounts for each of {@link DensityBounds#ALL}, how many tokens read a share of the
 *     neurons up to it and over the bound before
 */
public record NeuronActivity(
    int neurons,
    long tokens,
    long read,
    long calibrated,
    long fallbacks,
    long predicted,
    long named,
    AuditTotals audits,
    WeightBytes bytes,
    List<Long> densityCounts) {

  private static final NeuronActivity NONE =
      new NeuronActivity(
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          AuditTotals.NONE,
          WeightBytes.NONE,
          DensityBounds.ALL.stream().map(bound -> 0L).toList());

  public NeuronActivity {
    densityCounts = List.copyOf(densityCounts);
  }

  /** Several layers together. */
  public static NeuronActivity sum(List<NeuronActivity> layers) {
    return layers.stream().reduce(NeuronActivity::plus).orElse(NONE);
  }

  private NeuronActivity plus(NeuronActivity other) {
    return new NeuronActivity(
        neurons,
        tokens + other.tokens,
        read + other.read,
        calibrated + other.calibrated,
        fallbacks + other.fallbacks,
        predicted + other.predicted,
        named + other.named,
        audits.plus(other.audits),
        bytes.plus(other.bytes),
        counts(other, Long::sum));
  }

  /** What came after an earlier reading, of each layer. */
  public static List<NeuronActivity> minus(
      List<NeuronActivity> layers, List<NeuronActivity> earlier) {
    return IntStream.range(0, layers.size())
        .mapToObj(layer -> layers.get(layer).minus(earlier.get(layer)))
        .toList();
  }

  /** What came after an earlier reading. */
  public NeuronActivity minus(NeuronActivity earlier) {
    return new NeuronActivity(
        neurons,
        tokens - earlier.tokens,
        read - earlier.read,
        calibrated - earlier.calibrated,
        fallbacks - earlier.fallbacks,
        predicted - earlier.predicted,
        named - earlier.named,
        audits.minus(earlier.audits),
        bytes.minus(earlier.bytes),
        counts(earlier, (now, then) -> now - then));
  }

  private List<Long> counts(NeuronActivity other, LongBinaryOperator operator) {
    return IntStream.range(0, densityCounts.size())
        .mapToObj(i -> operator.applyAsLong(densityCounts.get(i), other.densityCounts.get(i)))
        .toList();
  }

  /** The share of neurons read; 1 where no token was computed. */
  public double density() {
    return tokens == 0 ? 1 : (double) read / (tokens * neurons);
  }

  /** The share of neurons that a predictor named, of the tokens where one did. */
  public OptionalDouble predictedDensity() {
    return predicted == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((double) named / (predicted * neurons));
  }

  /** The share of tokens that were computed exactly though neurons were to be left out. */
  public double fallbackShare() {
    return calibrated == 0 ? 0 : (double) fallbacks / calibrated;
  }
}
