package io.rivulet.engine;

import io.rivulet.model.ForwardPass;
import io.rivulet.model.SparsityAuditor;

/**
 * Audits one answer: by its seed it says where, by what its audits found which layers are trusted.
 * That is judged at every position that is a multiple of {@value #PERIOD}, by the audits of those
 * before. So tokens of an answer between two such positions are computed alike in one step and one
 * by one; a step must not hold both of a sequence's tokens before and after one.
 */
final class SequenceAudits implements SparsityAuditor {

  static final int PERIOD = ForwardPass.BLOCK_TOKENS;

  private final AuditSchedule schedule;
  private final LayerTrust trust;
  private final NeuronTally ofAnswer;
  private final Statistics statistics;
  private final FallbackLog log;

  /**
   * Audits of an answer.
   *
   * @param ofAnswer counts what is found, for the answer
   * @param statistics count it for the engine
   */
  SequenceAudits(
      AuditSchedule schedule,
      LayerTrust trust,
      NeuronTally ofAnswer,
      Statistics statistics,
      FallbackLog log) {
    this.schedule = schedule;
    this.trust = trust;
    this.ofAnswer = ofAnswer;
    this.statistics = statistics;
    this.log = log;
  }

  /** To be called before the token at a multiple of the period, after the steps before. */
  void judge() {
    for (int layer = 0; layer < schedule.layers(); layer++) {
      if (trust.judge(layer)) {
        statistics.fallenBack(layer, trust.trusts(layer) ? -1 : 1);
        log.changed(layer, trust);
      }
    }
  }

  /** The answer is complete: its layers are nobody's any more. */
  void end() {
    for (int layer = 0; layer < schedule.layers(); layer++) {
      if (!trust.trusts(layer)) {
        statistics.fallenBack(layer, -1);
      }
    }
  }

  @Override
  public boolean trusts(int layer) {
    return trust.trusts(layer);
  }

  @Override
  public boolean audits(int layer, int position) {
    return schedule.audits(layer, position);
  }

  @Override
  public void onPrediction(int layer, int active, int named, int found) {
    trust.onRecall(layer, active == 0 ? 1 : (double) found / active);
    ofAnswer.addPrediction(layer, active, named, found);
    statistics.prediction(layer, active, named, found);
  }

  @Override
  public void onError(int layer, double cett) {
    trust.onError(layer, cett);
    ofAnswer.addError(layer, cett);
    statistics.error(layer, cett);
  }
}
