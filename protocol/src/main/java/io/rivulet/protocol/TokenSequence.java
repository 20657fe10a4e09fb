package io.rivulet.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes one stream of what several attempts at a request published: keeps the first event of each
 * index, and finds gaps and indices that came again with something else.
 */
final class TokenSequence {

  private final String id;
  private final int first;

  /** A hash of each event kept, in order: four bytes a token tell a repetition from a conflict. */
  private final List<Integer> kept = new ArrayList<>();

  private boolean ended;

  TokenSequence(String id) {
    this(id, 0);
  }

  /** Passes over what comes before the first index wanted. */
  TokenSequence(String id, int first) {
    this.id = id;
    this.first = first;
  }

  /**
   * Whether the event is the next of the stream; otherwise it repeats what was seen.
   *
   * @throws TokenStreamException when events before this one are missing, or its index came before
   *     with another token
   */
  boolean accept(TokenEvent event) {
    if (ended || !event.id().equals(id)) {
      return false;
    }
    int next = first + kept.size();
    if (event.index() > next) {
      throw new TokenStreamException(
          "request "
              + id
              + " lost tokens: index "
              + next
              + " was expected and "
              + event.index()
              + " came");
    }
    if (event.terminal()) {
      ended = true;
      return true;
    }
    int content = 31 * event.tokenIds().hashCode() + event.text().hashCode();
    if (event.index() == next) {
      kept.add(content);
      return true;
    }
    if (event.index() >= first && kept.get(event.index() - first) != content) {
      throw new TokenStreamException(
          "request "
              + id
              + " is contradictory: index "
              + event.index()
              + " came again from node "
              + event.node()
              + " with another token");
    }
    return false;
  }

  boolean ended() {
    return ended;
  }
}
