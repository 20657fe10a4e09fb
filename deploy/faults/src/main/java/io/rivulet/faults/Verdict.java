package io.rivulet.faults;

import io.rivulet.stream.IntakeKind;

/**
 * What the verifier counted.
 *
 * @param prompts that were sent, those that nobody can serve among them
 * @param tokens events with a token, each index once
 * @param lost prompts without any event, and records without the dead letter they should have
 * @param repeated events of an index that had been there, with the same content
 * @param late events that came after the end, of other attempts than the one that made it
 * @param different events of an index that had been there, with other content
 * @param gaps events whose index is not the next
 * @param missingEnds answers that began and have no terminal event
 * @param doubleEnds terminal events of an attempt beyond its first
 * @param unclaimed events that an attempt made after another one had begun to speak
 * @param wrong answers that are not those of an undisturbed run
 * @param unruly processes of nodes that ended as they must not
 */
record Verdict(
    int prompts,
    int tokens,
    int lost,
    int repeated,
    int late,
    int different,
    int gaps,
    int missingEnds,
    int doubleEnds,
    int unclaimed,
    int wrong,
    int unruly) {

  /** Whether all is as promised: repeats and stragglers are, where delivery is at least once. */
  boolean passes(IntakeKind intake) {
    int faults = lost + different + gaps + missingEnds + doubleEnds + unclaimed + wrong + unruly;
    return faults == 0 && (intake == IntakeKind.SHARE || repeated + late == 0);
  }

  String line() {
    return ("prompts %d, tokens %d, lost %d, repeated %d, late %d, repeated with different content"
            + " %d, gaps %d, missing terminals %d, double terminals %d, without claim %d, wrong"
            + " text %d, unruly processes %d")
        .formatted(
            prompts,
            tokens,
            lost,
            repeated,
            late,
            different,
            gaps,
            missingEnds,
            doubleEnds,
            unclaimed,
            wrong,
            unruly);
  }
}
