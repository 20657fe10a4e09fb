package io.rivulet.model;

import java.util.Objects;

/**
 * The rows of one forward pass: tokens of any sequences, prompts and continuations mixed. Rows of
 * one sequence stand in the order of their positions, and all its earlier positions are in the
 * cache or in the batch before them. Reused from step to step.
 */
public final class Batch {

  private final int[] tokens;
  private final int[] positions;
  private final int[] cacheStarts;
  private final boolean[] sparse;
  private final int[] logitRows;
  private int size;
  private int logitCount;

  /**
   * An empty batch.
   *
   * @param capacity rows that fit
   */
  public Batch(int capacity) {
    tokens = new int[capacity];
    positions = new int[capacity];
    cacheStarts = new int[capacity];
    sparse = new boolean[capacity];
    logitRows = new int[capacity];
  }

  /** Removes all rows. */
  public void clear() {
    size = 0;
    logitCount = 0;
  }

  /**
   * Adds a row.
   *
   * @param cacheStart the place of the sequence's position 0 in the key-value cache
   * @param skipZeros whether the FFN leaves out neurons that are exactly zero for this token
   * @param logits whether the scores of the next token are wanted
   * @return its number
   */
  public int add(int token, int position, int cacheStart, boolean skipZeros, boolean logits) {
    Objects.checkIndex(size, tokens.length);
    tokens[size] = token;
    positions[size] = position;
    cacheStarts[size] = cacheStart;
    sparse[size] = skipZeros;
    if (logits) {
      logitRows[logitCount++] = size;
    }
    return size++;
  }

  /** Rows that fit. */
  public int capacity() {
    return tokens.length;
  }

  /** Rows added. */
  public int size() {
    return size;
  }

  /** How many of them want logits; theirs come in the order in which the rows were added. */
  public int logitCount() {
    return logitCount;
  }

  int token(int row) {
    return tokens[row];
  }

  int position(int row) {
    return positions[row];
  }

  int cacheRow(int row) {
    return cacheStarts[row] + positions[row];
  }

  int cacheStart(int row) {
    return cacheStarts[row];
  }

  boolean sparse(int row) {
    return sparse[row];
  }

  int logitRow(int index) {
    return logitRows[index];
  }
}
