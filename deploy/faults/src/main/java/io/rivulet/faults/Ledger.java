package io.rivulet.faults;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What was sent, and which of it has come to an end. Thread-safe. */
final class Ledger {

  private final List<Sent> sent = new ArrayList<>();
  private final Set<String> open = new HashSet<>();
  private final Set<String> ended = new HashSet<>();
  private final Set<String> lettersOpen = new HashSet<>();
  private final Set<String> letters = new HashSet<>();

  /** A prompt is about to be sent. */
  synchronized void add(Sent.Prompt prompt) {
    sent.add(prompt);
    begin(prompt.id());
  }

  /** A record that nobody can serve was sent. */
  synchronized void add(Sent.Poison poison) {
    sent.add(poison);
    poison.name().ifPresent(this::begin);
    if (!letters.contains(poison.place())) {
      lettersOpen.add(poison.place());
    }
  }

  private void begin(String id) {
    if (!ended.contains(id)) {
      open.add(id);
    }
  }

  /** The terminal event of a request was seen. */
  synchronized void end(String id) {
    ended.add(id);
    open.remove(id);
  }

  /** The dead letter of the record there was seen. */
  synchronized void setAside(String place) {
    letters.add(place);
    lettersOpen.remove(place);
  }

  /** How much waits for its end. */
  synchronized int open() {
    return open.size() + lettersOpen.size();
  }

  synchronized int count() {
    return sent.size();
  }

  synchronized List<Sent> sent() {
    return List.copyOf(sent);
  }
}
