package io.rivulet.engine;

import java.util.List;

/**
 * Which layers an answer leaves neurons out of: those that its own audits do not find much worse
 * than the calibration did.
 *
 * <p>For each layer there are two means over the answer's audits, of recall and of CETT, that later
 * audits weigh more in: {@code mean = mean + (found - mean) / 4}, from what the calibration found
 * on. A layer falls back when it is judged and its mean recall is under a floor, or its mean CETT
 * over a ceiling: the calibration's less, or plus, a margin. It returns when it is judged and both
 * are within half of the margins, which takes several good audits.
 *
 * <p>A CETT counts for at most twice the ceiling: where an FFN gives next to nothing, a large share
 * of it can be left out now and then, to no harm.
 */
final class LayerTrust {

  /**
   * What is to be expected of a layer.
   *
   * @param recall that the calibration found, 1 where neurons are not predicted
   * @param cett that its thresholds were chosen for
   */
  record Expectation(double recall, double cett) {

    double recallFloor(AuditOptions margins) {
      return recall - margins.recallMargin();
    }

    double cettCeiling(AuditOptions margins) {
      return cett + margins.cettMargin();
    }
  }

  private static final float AUDITS = 4;

  private final List<Expectation> expected;
  private final AuditOptions margins;
  private final float[] recall;
  private final float[] cett;
  private final boolean[] fallen;

  /**
   * Trusts all layers.
   *
   * @param expected of each
   */
  LayerTrust(List<Expectation> expected, AuditOptions margins) {
    this.expected = expected;
    this.margins = margins;
    int layers = expected.size();
    recall = new float[layers];
    cett = new float[layers];
    fallen = new boolean[layers];
    for (int layer = 0; layer < layers; layer++) {
      recall[layer] = (float) expected.get(layer).recall();
      cett[layer] = (float) expected.get(layer).cett();
    }
  }

  boolean trusts(int layer) {
    return !fallen[layer];
  }

  /** The mean recall. */
  float recall(int layer) {
    return recall[layer];
  }

  /** The mean CETT. */
  float cett(int layer) {
    return cett[layer];
  }

  /** An audit found this recall. */
  void onRecall(int layer, double found) {
    recall[layer] += ((float) found - recall[layer]) / AUDITS;
  }

  /** An audit found this CETT. */
  void onError(int layer, double found) {
    double ceiling = expected.get(layer).cettCeiling(margins);
    cett[layer] += ((float) Math.min(found, 2 * ceiling) - cett[layer]) / AUDITS;
  }

  /** Judges a layer by its audits so far; says whether it fell back or returned. */
  boolean judge(int layer) {
    boolean falls = !within(layer, 1);
    boolean returns = within(layer, 0.5);
    boolean changes = fallen[layer] ? returns : falls;
    fallen[layer] ^= changes;
    return changes;
  }

  /** Whether both means are within so much of the margins. */
  private boolean within(int layer, double share) {
    Expectation expectation = expected.get(layer);
    return recall[layer] >= expectation.recall() - share * margins.recallMargin()
        && cett[layer] <= expectation.cett() + share * margins.cettMargin();
  }
}
