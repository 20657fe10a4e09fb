package io.rivulet.faults;

import java.util.Optional;

/** What was sent to the nodes. */
sealed interface Sent {

  /** The name in token events, where there is one. */
  Optional<String> name();

  /**
   * A prompt.
   *
   * @param answer what it is answered if nothing ends it
   * @param mayEndEarly whether it has a deadline, or was cancelled
   */
  record Prompt(String id, Answer answer, boolean mayEndEarly) implements Sent {
    @Override
    public Optional<String> name() {
      return Optional.of(id);
    }
  }

  /**
   * A record that no node can serve.
   *
   * @param name its id, where that can be read or the record has a key
   * @param value empty where there is none
   */
  record Poison(Optional<String> name, String place, Optional<byte[]> value) implements Sent {}
}
