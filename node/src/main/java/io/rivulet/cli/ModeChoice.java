package io.rivulet.cli;

import io.rivulet.model.SparsityMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A mode to compute in where nobody says, and why: by what a token takes at the time, as the JVM
 * has compiled what it takes so far. A process that answers one prompt sees no other speed.
 *
 * @param why in a few words
 */
record ModeChoice(SparsityMode mode, String why) {

  /** By how much a mode has to be faster than one that leaves out less. */
  private static final double GAIN = 1.02;

  /**
   * The one that pays on this machine.
   *
   * @param possible modes that the model can be computed in
   * @param times what a token takes in each
   */
  static ModeChoice of(Set<SparsityMode> possible, Map<SparsityMode, Duration> times) {
    List<SparsityMode> modes =
        possible.stream().filter(mode -> mode != SparsityMode.OFF).sorted().toList();
    if (modes.size() == 1) {
      return new ModeChoice(modes.getFirst(), "the model has no profile");
    }
    if (!times.keySet().containsAll(modes)) {
      return new ModeChoice(modes.getLast(), "there was no time to measure");
    }
    SparsityMode best = modes.getFirst();
    for (SparsityMode mode : modes) {
      if (times.get(mode).toNanos() * GAIN < times.get(best).toNanos()) {
        best = mode;
      }
    }
    return new ModeChoice(
        best,
        modes.reversed().stream()
            .map(mode -> Names.of(mode) + " " + millis(times.get(mode)))
            .collect(Collectors.joining(", ", "a token takes now: ", "")));
  }

  private static String millis(Duration time) {
    return String.format(Locale.ROOT, "%.2f ms", time.toNanos() / 1e6);
  }
}
