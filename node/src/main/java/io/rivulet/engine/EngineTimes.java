package io.rivulet.engine;

/**
 * How long requests and tokens took.
 *
 * @param queue from submission to a place in the batch
 * @param firstToken from submission to the first token
 * @param nextToken from a token to the next of the same answer
 */
public record EngineTimes(TimeCounts queue, TimeCounts firstToken, TimeCounts nextToken) {

  /** What came after an earlier reading. */
  public EngineTimes minus(EngineTimes earlier) {
    return new EngineTimes(
        queue.minus(earlier.queue),
        firstToken.minus(earlier.firstToken),
        nextToken.minus(earlier.nextToken));
  }
}
