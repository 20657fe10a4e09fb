package io.rivulet.sparsity;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds a layer's thresholds whose mean CETT equals targets (arXiv:2402.03804, section 3). In each
 * pass the tokens' {@link CettCurve} is measured over {@link #grid()}; then every target has a
 * narrower bracket, with a CETT up to the target at its lower end and over it at its upper end.
 *
 * <p>A target is found when the CETT is within {@link #TOLERANCE} of it, relatively, or when no two
 * neurons' magnitudes are left in the bracket; then its lower end is the threshold, so that the
 * target is not exceeded. It is always found: a bracket of one neuron, or of neighbouring floats,
 * cannot be divided. A target of 0 has threshold 0: only neurons that are exactly zero are
 * inactive. CETT need not rise everywhere, as outputs can cancel out: the first crossing is taken.
 */
public final class ThresholdSearch {

  /** Relative difference between a target and the CETT that is found for it. */
  public static final double TOLERANCE = 0.01;

  /** What the grid of a bracket that begins at 0 is divided down to. */
  private static final float SMALLEST_SHARE = 1e-6f;

  private final int pointsPerBracket;
  private final List<Bracket> brackets = new ArrayList<>();

  /** Where a target's threshold is; found once both ends are the same. */
  private record Bracket(
      double target, float low, double lowCett, long lowActive, float high, long highActive) {

    static Bracket found(double target, float threshold, double cett) {
      return new Bracket(target, threshold, cett, 0, threshold, 0);
    }

    /** Found if there is not more than one neuron between the ends, or no float. */
    static Bracket of(
        double target, float low, double lowCett, long lowActive, float high, long highActive) {
      return lowActive - highActive > 1 && Math.nextUp(low) < high
          ? new Bracket(target, low, lowCett, lowActive, high, highActive)
          : found(target, low, lowCett);
    }

    boolean found() {
      return low == high;
    }
  }

  /**
   * Begins.
   *
   * @param targets from 0 to less than 1
   * @param largest the largest magnitude of any token's neuron
   * @param pointsPerBracket thresholds that a pass measures in each bracket, at least 1
   */
  public ThresholdSearch(List<Double> targets, float largest, int pointsPerBracket) {
    if (!(largest >= 0 && largest < Float.POSITIVE_INFINITY) || pointsPerBracket < 1) {
      throw new IllegalArgumentException(
          "a search needs a finite magnitude and points, was %s and %d"
              .formatted(largest, pointsPerBracket));
    }
    this.pointsPerBracket = pointsPerBracket;
    for (double target : targets) {
      if (!(target >= 0 && target < 1)) {
        throw new IllegalArgumentException("a CETT target is from 0 to less than 1, was " + target);
      }
      brackets.add(
          target == 0
              ? Bracket.found(target, 0, 0)
              : Bracket.of(target, 0, 0, Long.MAX_VALUE, largest, 0));
    }
  }

  /** Whether all thresholds are found. */
  public boolean done() {
    return brackets.stream().allMatch(Bracket::found);
  }

  /** The thresholds to measure next, ascending; empty once all are found. */
  public float[] grid() {
    var points = new TreeSet<Float>();
    for (Bracket bracket : brackets) {
      if (!bracket.found()) {
        divide(bracket, points);
      }
    }
    float[] grid = new float[points.size()];
    int next = 0;
    for (float point : points) {
      grid[next++] = point;
    }
    return grid;
  }

  /** By equal factors; one point at least, as a bracket that is not found has floats inside. */
  private void divide(Bracket bracket, Set<Float> points) {
    double low = bracket.low() == 0 ? bracket.high() * SMALLEST_SHARE : bracket.low();
    double factor = Math.pow(bracket.high() / low, 1.0 / (pointsPerBracket + 1));
    boolean divided = false;
    for (int i = 0; i <= pointsPerBracket; i++) {
      float point = (float) (low * Math.pow(factor, i));
      if (point > bracket.low() && point < bracket.high()) {
        points.add(point);
        divided = true;
      }
    }
    if (!divided) {
      points.add(Math.nextUp(bracket.low()));
    }
  }

  /**
   * Narrows the brackets.
   *
   * @param curve over {@link #grid()}, of the same tokens every time
   */
  public void measured(CettCurve curve) {
    brackets.replaceAll(bracket -> bracket.found() ? bracket : narrowed(bracket, curve));
  }

  private Bracket narrowed(Bracket bracket, CettCurve curve) {
    float low = bracket.low();
    double lowCett = bracket.lowCett();
    long lowActive = bracket.lowActive();
    float high = bracket.high();
    long highActive = bracket.highActive();
    // Once a point is over the target, those above it are not under the upper end any more.
    for (int i = 0; i < curve.size() && curve.threshold(i) < high; i++) {
      if (curve.threshold(i) <= low) {
        continue;
      }
      double cett = curve.cett(i);
      if (Math.abs(cett - bracket.target()) <= TOLERANCE * bracket.target()) {
        return Bracket.found(bracket.target(), curve.threshold(i), cett);
      }
      if (cett > bracket.target()) {
        high = curve.threshold(i);
        highActive = curve.active(i);
      } else {
        low = curve.threshold(i);
        lowCett = cett;
        lowActive = curve.active(i);
      }
    }
    return Bracket.of(bracket.target(), low, lowCett, lowActive, high, highActive);
  }

  /** The thresholds, in the order of the targets; so far, if not {@link #done()}. */
  public List<Float> thresholds() {
    return brackets.stream().map(Bracket::low).toList();
  }

  /** The mean CETT that was measured at each threshold. */
  public List<Double> cett() {
    return brackets.stream().map(Bracket::lowCett).toList();
  }
}
