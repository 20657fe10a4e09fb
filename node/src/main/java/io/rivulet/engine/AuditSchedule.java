package io.rivulet.engine;

/**
 * Which tokens of a sequence are audited in a layer: one of every so many, which one is drawn by
 * the sequence's seed, for each layer anew. So audits hit no pattern of the text, and are the same
 * wherever a request is computed.
 *
 * @param seed the request's
 * @param layers of the model
 * @param interval tokens of which one is drawn; 0: none
 */
record AuditSchedule(long seed, int layers, int interval) {

  /** Keeps these numbers apart from those that tokens are drawn by. */
  private static final long STREAM = 0x6c61796572206175L;

  boolean audits(int layer, int position) {
    if (interval == 0) {
      return false;
    }
    long stretch = position / interval;
    double drawn = CounterRandom.uniform(seed ^ STREAM, stretch * layers + layer);
    return position % interval == (int) (drawn * interval);
  }
}
