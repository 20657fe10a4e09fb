package io.rivulet.model;

/**
 * What reading ahead of predicted neurons came to so far.
 *
 * @param asked bytes of the pages that their rows are in, for each step
 * @param there bytes of those that were in memory when they were asked for
 * @param kept bytes of pages that are kept in memory now, since they are asked for most often
 */
public record ReadAheadTally(long asked, long there, long kept) {

  /** The share of what was asked for that was in memory; 1 where nothing was asked for. */
  public double hitRate() {
    return asked == 0 ? 1 : (double) there / asked;
  }

  /** What came since an earlier tally. */
  public ReadAheadTally since(ReadAheadTally earlier) {
    return new ReadAheadTally(asked - earlier.asked, there - earlier.there, kept);
  }
}
