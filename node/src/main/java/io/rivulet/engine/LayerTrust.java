package io.rivulet.engine;

import java.util.Arrays;

/**
 * Which layers an answer leaves neurons out of, by what its own audits found. For each layer there
 * are two means over its audits, of recall and of CETT, in which an audit counts half of what the
 * next one does: {@code mean = (mean + found) / 2}, from 1 and from 0 on, as though all was well.
 *
 * <p>A layer falls back when it is judged and its mean recall is under the floor or its mean CETT
 * over the ceiling. It returns when it is judged after {@value #AUDITS_TO_RETURN} audits in a row
 * at whose ends both means were within the bounds by a margin: recall half-way from the floor to 1,
 * CETT under {@value #RETURN_SHARE} of the ceiling.
 */
final class LayerTrust {

  static final int AUDITS_TO_RETURN = 3;
  static final double RETURN_SHARE = 0.75;

  private final double recallFloor;
  private final double cettCeiling;
  private final float[] recall;
  private final float[] cett;
  private final byte[] goodAudits;
  private final boolean[] fallen;

  /** Trusts all layers. */
  LayerTrust(int layers, double recallFloor, double cettCeiling) {
    this.recallFloor = recallFloor;
    this.cettCeiling = cettCeiling;
    recall = new float[layers];
    Arrays.fill(recall, 1);
    cett = new float[layers];
    goodAudits = new byte[layers];
    fallen = new boolean[layers];
  }

  boolean trusts(int layer) {
    return !fallen[layer];
  }

  double recall(int layer) {
    return recall[layer];
  }

  double cett(int layer) {
    return cett[layer];
  }

  /** An audit found this recall; its error follows. */
  void onRecall(int layer, double found) {
    recall[layer] = (float) ((recall[layer] + found) / 2);
  }

  /** An audit found this CETT, and is over. */
  void onError(int layer, double found) {
    cett[layer] = (float) ((cett[layer] + found) / 2);
    boolean good =
        recall[layer] >= (recallFloor + 1) / 2 && cett[layer] <= RETURN_SHARE * cettCeiling;
    goodAudits[layer] = (byte) (good ? Math.min(goodAudits[layer] + 1, AUDITS_TO_RETURN) : 0);
  }

  /** Judges a layer by its audits so far; says whether it fell back or returned. */
  boolean judge(int layer) {
    boolean bad = recall[layer] < recallFloor || cett[layer] > cettCeiling;
    boolean changes = fallen[layer] ? goodAudits[layer] == AUDITS_TO_RETURN : bad;
    fallen[layer] ^= changes;
    return changes;
  }
}
