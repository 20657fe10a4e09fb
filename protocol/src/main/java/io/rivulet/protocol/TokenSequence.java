package io.rivulet.protocol;

/**
 * Makes one stream of what several attempts at a request published: keeps the first event of each
 * index, and finds gaps.
 */
final class TokenSequence {

  private final String id;
  private int next;
  private boolean ended;

  TokenSequence(String id) {
    this.id = id;
  }

  /**
   * Whether the event is the next of the stream; otherwise it repeats what was seen.
   *
   * @throws TokenStreamException when events before this one are missing
   */
  boolean accept(TokenEvent event) {
    if (ended || !event.id().equals(id)) {
      return false;
    }
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
    if (event.index() < next) {
      return false;
    }
    next++;
    return true;
  }

  boolean ended() {
    return ended;
  }
}
