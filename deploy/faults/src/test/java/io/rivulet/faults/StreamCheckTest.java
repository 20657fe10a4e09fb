package io.rivulet.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.protocol.Completion;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.Timings;
import io.rivulet.protocol.TokenEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StreamCheckTest {

  private static final Answer ANSWER = new Answer(List.of(7, 8, 9), "abc", "LENGTH");
  private static final Sent.Prompt PROMPT = new Sent.Prompt("r", ANSWER, false);
  private static final Sent.Prompt CANCELLED = new Sent.Prompt("r", ANSWER, true);

  private static final TokenEvent A = token(1, 0, 7, "a");
  private static final TokenEvent B = token(1, 1, 8, "b");
  private static final TokenEvent C = token(1, 2, 9, "c");

  private static TokenEvent token(int attempt, int index, int id, String text) {
    return new TokenEvent("r", attempt, index, List.of(id), text, "n", Optional.empty());
  }

  private static TokenEvent end(int index, FinishReason reason) {
    return end(1, index, reason);
  }

  private static TokenEvent end(int attempt, int index, FinishReason reason) {
    Optional<String> error =
        reason == FinishReason.ERROR ? Optional.of("no") : Optional.<String>empty();
    var completion =
        new Completion(reason, Optional.empty(), Optional.empty(), Timings.NONE, error);
    return new TokenEvent("r", attempt, index, List.of(), "", "n", Optional.of(completion));
  }

  private static StreamCheck check(Sent.Prompt prompt, TokenEvent... events) {
    return check(prompt, Stream.of(events).map(StreamCheckTest::inTurn).toList());
  }

  private static StreamCheck check(Sent.Prompt prompt, List<Spoken> events) {
    var check = new StreamCheck(events);
    check.against(prompt);
    return check;
  }

  /** Made while its attempt had the prompt, whenever Kafka got it. */
  private static Spoken inTurn(TokenEvent event) {
    return new Spoken(event, Instant.ofEpochSecond(event.attempt() * 100L + event.index()));
  }

  @Test
  void aWholeAnswerIsRight() {
    var check = check(PROMPT, A, B, C, end(3, FinishReason.LENGTH));

    assertFalse(check.wrong());
    assertEquals(Optional.empty(), check.complaint());
    assertEquals(3, check.tokens());
    assertEquals(1, check.ends());
  }

  @Test
  void aTokenThatComesAgainIsRepeatedAndOneWithOtherContentDifferent() {
    var check =
        check(
            PROMPT, A, B, token(2, 1, 8, "b"), token(2, 0, 5, "a"), C, end(3, FinishReason.LENGTH));

    assertEquals(1, check.repeated());
    assertEquals(1, check.different());
    assertTrue(check.complaint().isPresent());
  }

  @Test
  void aTokenThatComesAgainMayHaveBeenComputedMoreSparsely() {
    var again =
        new TokenEvent(
            "r", 2, 1, List.of(8), "b", Optional.empty(), Optional.of(0.25), "n", Optional.empty());

    var check = check(PROMPT, A, B, again, C, end(3, FinishReason.LENGTH));

    assertEquals(1, check.repeated());
    assertEquals(0, check.different());
    assertFalse(check.wrong());
  }

  @Test
  void aMissingTokenIsAGapAndTheAnswerWrong() {
    var check = check(PROMPT, A, C, end(3, FinishReason.LENGTH));

    assertEquals(2, check.gaps(), "one before the token, one before the end");
    assertTrue(check.wrong());
  }

  @Test
  void countsEnds() {
    assertEquals(0, check(PROMPT, A, B).ends());
    assertTrue(check(PROMPT, A, B).complaint().isPresent());
    var twice = check(PROMPT, A, B, C, end(3, FinishReason.LENGTH), end(3, FinishReason.LENGTH));
    assertEquals(2, twice.ends());
    assertTrue(twice.complaint().isPresent());
  }

  @Test
  void whatAnEarlierAttemptHadSentMayComeAfterTheEndOfALaterOne() {
    var check =
        check(
            PROMPT,
            A,
            token(2, 1, 8, "b"),
            token(2, 2, 9, "c"),
            end(2, 3, FinishReason.LENGTH),
            B,
            C,
            end(3, FinishReason.LENGTH));

    assertEquals(Optional.empty(), check.complaint());
    assertEquals(1, check.ends());
    assertEquals(3, check.late());
    assertEquals(0, check.unclaimed());
  }

  @Test
  void aLaterAttemptMayComeToItsEndAfterThatOfAnEarlierOneArrived() {
    var check =
        check(
            PROMPT,
            A,
            token(2, 1, 8, "b"),
            B,
            C,
            end(3, FinishReason.LENGTH),
            token(2, 2, 9, "c"),
            end(2, 3, FinishReason.LENGTH));

    assertEquals(Optional.empty(), check.complaint());
    assertEquals(1, check.repeated());
    assertEquals(2, check.late());
  }

  @Test
  void whatComesAfterTheEndMustBePartOfTheAnswer() {
    TokenEvent early = end(2, 1, FinishReason.CANCELLED);

    assertFalse(check(CANCELLED, A, early, B, C, end(3, FinishReason.LENGTH)).wrong());
    assertTrue(check(CANCELLED, A, early, token(1, 1, 5, "b")).wrong());
    assertTrue(check(CANCELLED, A, early, end(2, FinishReason.LENGTH)).wrong());
    assertEquals(1, check(CANCELLED, A, early, token(1, 0, 5, "a")).different());
  }

  @Test
  void whoSpeaksAfterAnotherAttemptBeganHadNoClaim() {
    var after = new Spoken(C, inTurn(token(2, 2, 9, "c")).at());

    var check =
        check(
            PROMPT,
            List.of(
                inTurn(A),
                inTurn(token(2, 1, 8, "b")),
                after,
                inTurn(end(2, 3, FinishReason.LENGTH))));

    assertEquals(1, check.unclaimed());
    assertTrue(check.complaint().isPresent());
  }

  @Test
  void anAttemptSaysNothingAfterItsEnd() {
    var check = check(PROMPT, A, B, C, end(3, FinishReason.LENGTH), C);

    assertEquals(1, check.gaps());
    assertTrue(check.complaint().isPresent());
  }

  @Test
  void otherTokensTextOrReasonAreWrong() {
    assertTrue(check(PROMPT, A, B, token(1, 2, 1, "c"), end(3, FinishReason.LENGTH)).wrong());
    assertTrue(check(PROMPT, A, B, token(1, 2, 9, "x"), end(3, FinishReason.LENGTH)).wrong());
    assertTrue(check(PROMPT, A, B, C, end(3, FinishReason.STOP)).wrong());
    assertTrue(check(PROMPT, A, B, end(2, FinishReason.LENGTH)).wrong());
  }

  @Test
  void onlyWhatMayEndEarlyMayBeCutShortAndIsABeginningThen() {
    assertTrue(check(PROMPT, A, end(1, FinishReason.CANCELLED)).wrong());
    assertFalse(check(CANCELLED, A, end(1, FinishReason.CANCELLED)).wrong());
    assertFalse(check(CANCELLED, end(0, FinishReason.DEADLINE)).wrong());
    assertFalse(check(CANCELLED, A, B, C, end(3, FinishReason.LENGTH)).wrong());
    assertTrue(check(CANCELLED, B, end(0, FinishReason.CANCELLED)).gaps() > 0);
    assertTrue(check(CANCELLED, token(1, 0, 1, "x"), end(1, FinishReason.CANCELLED)).wrong());
  }

  @Test
  void whatNobodyCanServeMustEndInAnError() {
    var refused = new StreamCheck(List.of(inTurn(end(0, FinishReason.ERROR))));
    refused.refused();
    assertFalse(refused.wrong());

    var answered = new StreamCheck(List.of(inTurn(A), inTurn(end(1, FinishReason.LENGTH))));
    answered.refused();
    assertTrue(answered.wrong());
  }
}
