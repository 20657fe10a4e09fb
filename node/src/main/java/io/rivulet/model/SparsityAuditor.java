package io.rivulet.model;

/**
 * Watches how a sequence's FFNs are computed where a calibration leaves neurons out: says where to
 * look, hears what is found, and has layers computed {@link SparsityMode#EXACT exactly} that are
 * not to be trusted. What it says of a row must depend on the row's sequence alone, and must not
 * change from the adding of the row to the end of its batch. Asked by any thread of the team, told
 * by the one that runs the batch.
 */
public interface SparsityAuditor {

  /** Looks nowhere and trusts all layers. */
  SparsityAuditor NONE =
      new SparsityAuditor() {
        @Override
        public boolean trusts(int layer) {
          return true;
        }

        @Override
        public boolean audits(int layer, int position) {
          return false;
        }

        @Override
        public void onPrediction(int layer, int active, int named, int found) {}

        @Override
        public void onError(int layer, double cett) {}
      };

  /** Whether a layer leaves out what the calibration says. */
  boolean trusts(int layer);

  /** Whether to compute a layer with all neurons beside what is computed for a position. */
  boolean audits(int layer, int position);

  /**
   * An audit found how good a prediction was; its error follows.
   *
   * @param active neurons that are over their thresholds where all are computed
   * @param named neurons that the predictor named
   * @param found those of them that are active
   */
  void onPrediction(int layer, int active, int named, int found);

  /**
   * An audit found what it changes to leave neurons out, or would change where the layer is not
   * trusted.
   *
   * @param cett the norm of the sum of what is left out, as a share of that of the sum of all
   *     neurons' outputs (arXiv:2402.03804, section 3); finite
   */
  void onError(int layer, double cett);
}
