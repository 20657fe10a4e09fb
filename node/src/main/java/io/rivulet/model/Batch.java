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
  private final int[][] blocks;
  private final SparsityMode[] modes;
  private final SparsityAuditor[] auditors;
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
    blocks = new int[capacity][];
    modes = new SparsityMode[capacity];
    auditors = new SparsityAuditor[capacity];
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
   * @param cacheBlocks the sequence's blocks of the key-value cache: element i is the number of the
   *     block that holds its positions from {@code i * ForwardPass.BLOCK_TOKENS} on. Kept, not
   *     copied; all rows of a sequence give the same array
   * @param mode how the FFN is computed for this token
   * @param logits whether the scores of the next token are wanted
   * @return its number
   */
  public int add(int token, int position, int[] cacheBlocks, SparsityMode mode, boolean logits) {
    return add(token, position, cacheBlocks, mode, SparsityAuditor.NONE, logits);
  }

  /**
   * The same, watched.
   *
   * @param auditor the sequence's
   */
  public int add(
      int token,
      int position,
      int[] cacheBlocks,
      SparsityMode mode,
      SparsityAuditor auditor,
      boolean logits) {
    Objects.checkIndex(size, tokens.length);
    tokens[size] = token;
    positions[size] = position;
    blocks[size] = cacheBlocks;
    modes[size] = mode;
    auditors[size] = auditor;
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

  int[] blocks(int row) {
    return blocks[row];
  }

  /**
   * How many rows from this one on, at most so many, are of one sequence and at consecutive
   * positions.
   */
  @SuppressWarnings("ReferenceEquality") // a sequence has one table, whatever is in it
  int run(int row, int most) {
    int end = Math.min(size, row + most);
    int next = row + 1;
    while (next < end
        && blocks[next] == blocks[row]
        && positions[next] == positions[row] + next - row) {
      next++;
    }
    return next - row;
  }

  /** How a row wants its FFNs computed. */
  SparsityMode mode(int row) {
    return modes[row];
  }

  /** How a layer's is computed for a row. */
  SparsityMode mode(int row, int layer) {
    SparsityMode mode = modes[row];
    return mode.calibrated() && !auditors[row].trusts(layer) ? SparsityMode.EXACT : mode;
  }

  /** Whether a row has a use for a layer's prediction: to compute by it, or to judge it. */
  boolean wantsPrediction(int row, int layer) {
    return modes[row] == SparsityMode.PREDICTED
        && (auditors[row].trusts(layer) || audited(row, layer));
  }

  /** Whether a row's computation of a layer is audited. */
  boolean audited(int row, int layer) {
    return modes[row].calibrated() && auditors[row].audits(layer, positions[row]);
  }

  SparsityAuditor auditor(int row) {
    return auditors[row];
  }

  int logitRow(int index) {
    return logitRows[index];
  }
}
