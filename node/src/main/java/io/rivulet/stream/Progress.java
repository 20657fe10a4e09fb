package io.rivulet.stream;

import java.util.Map;
import java.util.TreeMap;

/**
 * How far a node is with the prompts of one partition. What a consumer group can commit is one
 * offset, the lowest that is not done; what is beyond it goes into the offset's metadata, as {@link
 * ProgressMetadata}. Not thread-safe.
 */
final class Progress {

  /**
   * How far beyond the lowest prompt that is not done others may be begun: keeps the metadata
   * within what Kafka takes.
   */
  static final int WINDOW = 512;

  /**
   * A prompt's.
   *
   * @param tokens of its answer that are published
   * @param attempt the latest; 0 before the first
   * @param strikes attempts since a token was published that came to nothing, this one included
   */
  record State(boolean done, int tokens, int attempt, int strikes) {

    static final State UNTOUCHED = new State(false, 0, 0, 0);
    static final State DONE = new State(true, 0, 0, 0);

    private State begun() {
      return new State(false, tokens, attempt + 1, strikes + 1);
    }

    private State published(int count) {
      return new State(false, count, attempt, 0);
    }

    private State forgiven() {
      return new State(done, tokens, attempt, Math.max(0, strikes - 1));
    }
  }

  /**
   * By offset; all that were received and are not done, and those done beyond the first of them.
   */
  private final TreeMap<Long, State> states;

  private long base;
  private long position;

  /** Of a partition where nothing at or beyond the offset was begun. */
  Progress(long base) {
    this(base, Map.of());
  }

  /** Goes on where another node was. */
  Progress(long base, Map<Long, State> states) {
    this.base = base;
    this.position = base;
    this.states = new TreeMap<>(states);
  }

  /** The lowest offset that is not done. */
  long base() {
    return base;
  }

  /** By offset from the base on, what was begun or is done. */
  Map<Long, State> states() {
    return states;
  }

  /**
   * A record was delivered.
   *
   * @return whether its prompt is not done
   */
  boolean receive(long offset) {
    // An earlier owner finished it, and the base went past it before it was delivered here. What is
    // before the position, on the other hand, is of a topic that begins anew.
    boolean passed = offset >= position && offset < base;
    // What should have been delivered before it is there no more.
    states.subMap(Math.min(position, offset), offset).values().removeIf(state -> !state.done());
    position = Math.max(position, offset + 1);
    if (passed) {
      return false;
    }
    State state = states.computeIfAbsent(offset, absent -> State.UNTOUCHED);
    advance();
    return !state.done();
  }

  boolean mayBegin(long offset) {
    return offset - base < WINDOW;
  }

  /** The next attempt at a received prompt begins. */
  State begin(long offset) {
    return states.computeIfPresent(offset, (at, state) -> state.begun());
  }

  /** So many tokens of its answer are published. */
  void publish(long offset, int tokens) {
    states.computeIfPresent(offset, (at, state) -> state.published(tokens));
  }

  /** All of its answer is published. */
  void finish(long offset) {
    states.computeIfPresent(offset, (at, state) -> State.DONE);
    advance();
  }

  /** The attempt is handed back: it came to nothing, but not by its own fault. */
  void forgive(long offset) {
    states.computeIfPresent(offset, (at, state) -> state.forgiven());
  }

  private void advance() {
    while (!states.isEmpty() && states.firstEntry().getValue().done()) {
      base = states.pollFirstEntry().getKey() + 1;
    }
    base = states.isEmpty() ? Math.max(base, position) : states.firstKey();
  }
}
