package io.rivulet.cli;

import io.rivulet.protocol.DeadLetter;
import io.rivulet.protocol.StoredLetter;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Which dead letters are meant: those that every option given lets pass. */
final class LetterFilter {

  private static final Pattern PLACE = Pattern.compile("(\\d+:)?\\d+");

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "Those of this request; may be given many times.")
  private List<String> ids = List.of();

  @Option(
      names = "--offset",
      paramLabel = "[PARTITION:]OFFSET",
      description = "The one that lies there in the dead-letter topic; may be given many times.")
  private List<String> places = List.of();

  @Option(
      names = "--since",
      paramLabel = "INSTANT",
      description = "Those put there since then, for example 2026-01-31T12:00:00Z.")
  private Optional<Instant> since = Optional.empty();

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Those whose reason or error class has this in it, in upper or lower case.")
  private Optional<String> reason = Optional.empty();

  boolean isEmpty() {
    return ids.isEmpty() && places.isEmpty() && since.isEmpty() && reason.isEmpty();
  }

  /**
   * Refuses what could never pass.
   *
   * @throws IllegalArgumentException naming the option
   */
  void check() {
    for (String place : places) {
      if (!PLACE.matcher(place).matches()) {
        throw new IllegalArgumentException(
            "--offset takes an offset, or partition:offset, was '" + place + "'");
      }
    }
  }

  boolean passes(StoredLetter letter) {
    return (ids.isEmpty() || letter.id().filter(ids::contains).isPresent())
        && (places.isEmpty() || places.stream().anyMatch(place -> isAt(letter, place)))
        && since.filter(instant -> letter.time().isBefore(instant)).isEmpty()
        && (reason.isEmpty() || letter.reason().filter(this::hasReason).isPresent());
  }

  private static boolean isAt(StoredLetter letter, String place) {
    return letter.place().equals(place.contains(":") ? place : "0:" + place);
  }

  private boolean hasReason(DeadLetter why) {
    String wanted = reason.orElseThrow().toLowerCase(Locale.ROOT);
    return (why.exception() + " " + why.message()).toLowerCase(Locale.ROOT).contains(wanted);
  }
}
