package io.rivulet.faults;

import io.rivulet.stream.IntakeKind;

/**
 * What the verifier counted.
 *
 * @param prompts that were sent, those that nobody can serve among them
 * @param tokens events with a token, each index once
 * @param lost prompts without any event, and records without the dead letter they should have
 * @param repeated events of an index that had been there, with the same content
 * @param different events of an index that had been there, with other content
 * @param gaps events whose index is not the next
 * @param missingEnds answers that began and have no terminal event
 * @param doubleEnds terminal events beyond the first
 * @param wrong answers that are not those of an undisturbed run
 * @param unruly processes of nodes that ended as they must not
 */
record Verdict(
    int prompts,
    int tokens,
    int lost,
    int repeated,
    int different,
    int gaps,
    int missingEnds,
    int doubleEnds,
    int wrong,
    int unruly) {

  /** Whether all is as promised: repeats are allowed where delivery is at least once. */
  boolean passes(IntakeKind intake) {
    int faults = lost + different + gaps + missingEnds + doubleEnds + wrong + unruly;
    return faults == 0 && (intake == IntakeKind.SHARE || repeated == 0);
  }

  String line() {
    return ("prompts %d, tokens %d, lost %d, repeated %d, repeated with different content %d,"
            + " gaps %d, missing terminals %d, double terminals %d, wrong text %d,"
            + " unruly processes %d")
        .formatted(
            prompts,
            tokens,
            lost,
            repeated,
            different,
            gaps,
            missingEnds,
            doubleEnds,
            wrong,
            unruly);
  }
}
