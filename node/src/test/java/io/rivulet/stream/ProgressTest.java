package io.rivulet.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.stream.Progress.State;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTest {

  @Test
  void theLowestOffsetThatIsNotDoneIsTheBase() {
    var progress = received(10, 13);
    progress.begin(10);
    progress.begin(11);
    progress.begin(12);

    progress.finish(11);
    assertEquals(10, progress.base());
    progress.finish(10);
    assertEquals(12, progress.base());
    progress.finish(12);
    assertEquals(13, progress.base());
    assertEquals(Map.of(), progress.states());
  }

  @Test
  void offsetsWithoutAPromptHoldNothingUp() {
    var progress = new Progress(10);
    progress.receive(12);
    assertEquals(12, progress.base());
    progress.receive(20);
    progress.begin(12);
    progress.finish(12);
    assertEquals(20, progress.base());
  }

  @Test
  void aPromptThatIsThereNoMoreHoldsNothingUp() {
    var progress = new Progress(10, Map.of(10L, new State(false, 3, 1, 0), 12L, State.DONE));

    assertTrue(progress.receive(11));
    assertEquals(11, progress.base());
    assertFalse(progress.receive(12));
  }

  @Test
  void whatAnEarlierOwnerFinishedStaysDoneWhereTheBaseIsPastItBeforeItIsDelivered() {
    var progress =
        new Progress(
            10,
            Map.of(
                10L, new State(false, 3, 1, 0), 11L, State.DONE, 12L, new State(false, 0, 1, 1)));
    assertTrue(progress.receive(10));
    progress.begin(10);
    progress.finish(10);
    assertEquals(12, progress.base());

    assertFalse(progress.receive(11));
    assertEquals(12, progress.base());
    assertTrue(progress.receive(12));
  }

  @Test
  void aTopicThatBeginsAnewIsTakenFromItsBeginning() {
    var progress = received(10, 13);

    assertTrue(progress.receive(0));
    assertEquals(0, progress.base());
  }

  @Test
  void attemptsCountOnAndStrikesUntilATokenComes() {
    var progress = received(0, 1);

    assertEquals(new State(false, 0, 1, 1), progress.begin(0));
    assertEquals(new State(false, 0, 2, 2), progress.begin(0));
    progress.publish(0, 7);
    assertEquals(new State(false, 7, 3, 1), progress.begin(0));
    progress.forgive(0);
    assertEquals(new State(false, 7, 4, 1), progress.begin(0));
  }

  @Test
  void nothingBeginsFarBeyondTheBase() {
    var progress = received(5, 600);

    assertTrue(progress.mayBegin(5 + Progress.WINDOW - 1));
    assertFalse(progress.mayBegin(5 + Progress.WINDOW));
    progress.begin(5);
    progress.finish(5);
    assertTrue(progress.mayBegin(5 + Progress.WINDOW));
  }

  @Test
  void whatIsCommittedIsReadAsItWas() {
    var progress = received(100, 110);
    progress.begin(100);
    progress.publish(100, 300);
    progress.begin(102);
    progress.begin(103);
    progress.finish(103);
    progress.begin(105);
    progress.publish(105, 1 << 24);

    var committed = ProgressMetadata.of(progress, "node-1");
    var read = ProgressMetadata.read(committed);

    assertEquals(Optional.of("node-1"), ProgressMetadata.owner(committed.metadata()));
    assertEquals(
        Optional.empty(), ProgressMetadata.owner(ProgressMetadata.of(progress, "").metadata()));
    assertEquals(100, read.base());
    assertEquals(
        Map.of(
            100L,
            new State(false, 300, 1, 0),
            101L,
            State.UNTOUCHED,
            102L,
            new State(false, 0, 1, 1),
            103L,
            State.DONE,
            104L,
            State.UNTOUCHED,
            105L,
            new State(false, 1 << 24, 1, 0)),
        read.states());
  }

  @Test
  void theMetadataStayWithinWhatKafkaTakes() {
    var progress = received(0, 2 * Progress.WINDOW);
    for (int i = 0; i < GroupIntake.MOST_SLOTS; i++) {
      long offset = 2L * i;
      for (int attempt = 0; attempt < 200; attempt++) {
        progress.begin(offset);
      }
      progress.publish(offset, 1 << 24);
    }

    String metadata = ProgressMetadata.of(progress, "n".repeat(200)).metadata();

    assertTrue(metadata.length() < 4096, metadata.length() + " characters");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "somebody else's",
        "rivulet1:a:!",
        "rivulet1:a:A",
        "rivulet1:a:gICAgIAB",
        "rivulet1:a:_____w8BAQ",
        "rivulet1:a:Ag"
      })
  void whatCannotBeReadCountsAsNothingBegun(String metadata) {
    var read = ProgressMetadata.read(new OffsetAndMetadata(7, metadata));

    assertEquals(7, read.base());
    assertEquals(Map.of(), read.states());
  }

  /** All of these offsets are received. */
  private static Progress received(long from, long to) {
    var progress = new Progress(from);
    for (long offset = from; offset < to; offset++) {
      progress.receive(offset);
    }
    return progress;
  }
}
