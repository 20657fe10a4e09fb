package io.rivulet.cli;

import io.rivulet.protocol.DeadLetter;
import io.rivulet.protocol.StoredLetter;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What is shown of a dead letter.
 *
 * @param place partition and offset in the dead-letter topic
 * @param time when it was put there
 * @param topic where it came from, with partition and offset
 * @param size bytes of the value
 */
record LetterView(
    String place,
    String time,
    Optional<String> id,
    Optional<String> topic,
    Optional<Integer> partition,
    Optional<Long> offset,
    Optional<String> stage,
    Optional<String> error,
    Optional<String> reason,
    int size) {

  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  static LetterView of(StoredLetter letter) {
    Optional<DeadLetter> why = letter.reason();
    return new LetterView(
        letter.place(),
        letter.time().toString(),
        letter.id(),
        why.map(DeadLetter::topic),
        why.map(DeadLetter::partition),
        why.map(DeadLetter::offset),
        why.map(DeadLetter::stage),
        why.map(DeadLetter::exception),
        why.map(DeadLetter::message),
        letter.size());
  }

  /** As one line; what senders wrote cannot steer the terminal. */
  String line() {
    String from =
        topic.isEmpty()
            ? "without error headers"
            : "from "
                + topic.get()
                + " "
                + partition.orElseThrow()
                + ":"
                + offset.orElseThrow()
                + ", "
                + stage.orElseThrow()
                + ": "
                + reason.orElseThrow()
                + " ("
                + error.orElseThrow()
                + ")";
    String line =
        "%-8s %s  id %s, %d bytes, %s".formatted(place, time, id.orElse("unknown"), size, from);
    return CONTROL.matcher(line).replaceAll("\u00b7");
  }
}
