package io.rivulet.engine;

/**
 * The steps that an engine has done since it started.
 *
 * @param all of them
 * @param decoding those that went on with answers, one at least
 * @param answers how many answers those went on with, added up
 * @param weightBytes bytes of weights that all read from memory, see {@link
 *     io.rivulet.model.ForwardPass#weightBytes()}
 */
public record EngineSteps(long all, long decoding, long answers, long weightBytes) {

  /** What came after an earlier reading. */
  public EngineSteps minus(EngineSteps earlier) {
    return new EngineSteps(
        all - earlier.all,
        decoding - earlier.decoding,
        answers - earlier.answers,
        weightBytes - earlier.weightBytes);
  }
}
