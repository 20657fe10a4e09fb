package io.rivulet.protocol;

/** How many requests a node brought to an end, by how they ended. */
public record FinishedRequests(long stop, long length, long cancelled, long deadline, long error) {

  /** None. */
  public static final FinishedRequests NONE = new FinishedRequests(0, 0, 0, 0, 0);

  /** All together. */
  public long all() {
    return stop + length + cancelled + deadline + error;
  }
}
