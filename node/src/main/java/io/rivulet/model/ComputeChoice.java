package io.rivulet.model;

import java.util.EnumMap;
import java.util.Map;

/**
 * Decides in which way a matrix is multiplied by the rows that are asked for: the one that takes
 * least, by what all took on this machine so far with as many tokens. What is not chosen is tried
 * again now and then. The choice changes no result.
 */
final class ComputeChoice {

  /** How a matrix is multiplied by several tokens. */
  enum Way {
    /** All rows, for all tokens. */
    WHOLE,
    /** The rows that any token asks for, for all tokens. */
    UNITED,
    /** For each token the rows that it asks for. */
    EACH
  }

  /** With more tokens, as in prompts, a matrix is always multiplied whole. */
  static final int MOST_TOKENS = 32;

  private static final Way[] WAYS = Way.values();

  /** Decisions from one trial of what is not chosen to the next. */
  private static final int TRIAL = 256;

  /** What a time counts for when the next is there: a slow one may be another process' doing. */
  private static final double FORGET = 1.02;

  /** By way and tokens, what a row took; 0 where nobody knows, so that it is tried. */
  private final Map<Way, double[]> nanosPerRow = new EnumMap<>(Way.class);

  private int decisions;
  private Way chosen = Way.WHOLE;
  private int tokens;
  private long rows;
  private long startedAt;

  ComputeChoice() {
    for (Way way : WAYS) {
      nanosPerRow.put(way, new double[MOST_TOKENS + 1]);
    }
  }

  /**
   * The way to go; what follows until {@link #done} is timed.
   *
   * @param tokensOfBatch by which the matrix is multiplied
   * @param all rows of the matrix
   * @param united rows that any token asks for
   * @param asked rows that are asked for, by all tokens together
   */
  Way choose(int tokensOfBatch, int all, int united, long asked) {
    tokens = tokensOfBatch;
    chosen = Way.WHOLE;
    if (tokens <= MOST_TOKENS) {
      chosen = ++decisions % TRIAL == 0 ? trial() : cheapest(all, united, asked);
    }
    rows = rows(chosen, all, united, asked);
    startedAt = System.nanoTime();
    return chosen;
  }

  /** What was chosen is done. */
  void done() {
    if (tokens <= MOST_TOKENS && rows > 0) {
      double[] times = nanosPerRow.get(chosen);
      double nanos = (double) (System.nanoTime() - startedAt) / rows;
      times[tokens] = times[tokens] == 0 ? nanos : Math.min(nanos, times[tokens] * FORGET);
    }
  }

  private Way trial() {
    Way way = WAYS[decisions / TRIAL % WAYS.length];
    return tokens == 1 && way == Way.UNITED ? Way.EACH : way;
  }

  /** For one token, the rows that any asks for are those that each does. */
  private Way cheapest(int all, int united, long asked) {
    Way best = Way.EACH;
    double least = nanos(Way.EACH, all, united, asked);
    for (Way way : WAYS) {
      double nanos = nanos(way, all, united, asked);
      if (nanos < least && (way != Way.UNITED || tokens > 1)) {
        best = way;
        least = nanos;
      }
    }
    return best;
  }

  private double nanos(Way way, int all, int united, long asked) {
    return rows(way, all, united, asked) * nanosPerRow.get(way)[tokens];
  }

  private static long rows(Way way, int all, int united, long asked) {
    return switch (way) {
      case WHOLE -> all;
      case UNITED -> united;
      case EACH -> asked;
    };
  }
}
