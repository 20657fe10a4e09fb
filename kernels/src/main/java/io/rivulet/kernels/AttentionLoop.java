package io.rivulet.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Attention as all implementations do it: {@link Kernels#attend} says in which order. Queries go in
 * tiles that read a block of keys or values once. Belongs to one thread; holds its scratch memory.
 */
final class AttentionLoop {

  /** Queries that share a read of keys and values. */
  static final int TILE = 4;

  /** Positions whose scores are brought to one maximum; whole blocks. */
  static final int SEGMENT = 128;

  private static final int BLOCK = KeyValueBlocks.POSITIONS;

  private final CheckedKernels kernels;

  /** Of the tile at hand, a row a query. */
  private final FloatTensor scores = FloatTensor.allocate(Arena.ofAuto(), TILE, SEGMENT);

  /** Keys and values of the segment at hand in float32, where they are stored otherwise. */
  private FloatTensor loadedKeys = FloatTensor.allocate(Arena.ofAuto(), 1, SEGMENT);

  private FloatTensor loadedValues = FloatTensor.allocate(Arena.ofAuto(), 1, SEGMENT);

  /** Of each query the largest score so far, and the sum of the weights relative to it. */
  private float[] largest = {};

  private float[] total = {};

  // The call at hand.
  private AttentionRule rule;
  private FloatTensor queries;
  private int row;
  private KeyValueBlocks cache;
  private int head;
  private int[] blocks;
  private int position;
  private FloatTensor out;

  AttentionLoop(CheckedKernels kernels) {
    this.kernels = kernels;
  }

  /** Queries are numbered row by row, in a row head by head. */
  void run(
      AttentionRule callRule,
      FloatTensor callQueries,
      int firstRow,
      int rows,
      KeyValueBlocks callCache,
      int callHead,
      int[] callBlocks,
      int firstPosition,
      FloatTensor callOut) {
    rule = callRule;
    queries = callQueries;
    row = firstRow;
    cache = callCache;
    head = callHead;
    blocks = callBlocks;
    position = firstPosition;
    out = callOut;
    int count = rows * rule.sharing();
    begin(count);
    int segment = rule.firstVisible(position) & -SEGMENT;
    for (; segment < position + rows; segment += SEGMENT) {
      if (cache.type() != KeyValueType.F32) {
        load(Math.max(segment, rule.firstVisible(position)), position + rows, segment);
      }
      for (int query = 0; query < count; query += TILE) {
        tile(query, Math.min(count, query + TILE), segment);
      }
    }
    for (int query = 0; query < count; query++) {
      scaleOut(query, 1 / total[query]);
    }
  }

  private void begin(int count) {
    if (largest.length < count) {
      largest = new float[count];
      total = new float[count];
    }
    Arrays.fill(largest, 0, count, Float.NEGATIVE_INFINITY);
    Arrays.fill(total, 0, count, 0);
    for (int query = 0; query < count; query++) {
      ScalarKernels.zero(out.data(), offset(out, query), 0, cache.headSize());
    }
  }

  /** The blocks of a segment that hold the positions from {@code from} to {@code to} - 1. */
  private void load(int from, int to, int segment) {
    int size = SEGMENT * cache.headSize();
    if (loadedKeys.cols() < size) {
      loadedKeys = FloatTensor.allocate(Arena.ofAuto(), 1, size);
      loadedValues = FloatTensor.allocate(Arena.ofAuto(), 1, size);
    }
    for (int at = from & -BLOCK; at < Math.min(segment + SEGMENT, to); at += BLOCK) {
      long offset = cache.offset(blocks[at / BLOCK], head);
      long target = loadedOffset(at);
      kernels.loadKeys(cache, offset, loadedKeys.data(), target);
      kernels.loadValues(cache, offset, loadedValues.data(), target);
    }
  }

  private long loadedOffset(int at) {
    long block = at % SEGMENT / BLOCK;
    return Float.BYTES * block * BLOCK * cache.headSize();
  }

  private MemorySegment keys() {
    return cache.type() == KeyValueType.F32 ? cache.keys() : loadedKeys.data();
  }

  private MemorySegment values() {
    return cache.type() == KeyValueType.F32 ? cache.values() : loadedValues.data();
  }

  /** Where the keys, and the values, of the block with a position are. */
  private long blockOffset(int at) {
    return cache.type() == KeyValueType.F32
        ? cache.offset(blocks[at / BLOCK], head)
        : loadedOffset(at);
  }

  private int rowOf(int query) {
    return row + query / rule.sharing();
  }

  private int columnOf(int query) {
    return (head * rule.sharing() + query % rule.sharing()) * cache.headSize();
  }

  private long offset(FloatTensor tensor, int query) {
    return tensor.offset(rowOf(query), columnOf(query));
  }

  private void scaleOut(int query, float factor) {
    int column = columnOf(query);
    kernels.scaleRange(out, rowOf(query), column, column + cache.headSize(), factor);
  }

  /** The first position of the segment that a query sees, or its end. */
  private int first(int query, int segment) {
    int visible = rule.firstVisible(position + query / rule.sharing());
    return Math.max(segment, Math.min(segment + SEGMENT, visible));
  }

  /** One past the last position of the segment that a query sees. */
  private int end(int query, int segment) {
    return Math.max(segment, Math.min(segment + SEGMENT, position + query / rule.sharing() + 1));
  }

  /** Adds what the queries find in a segment. */
  private void tile(int query, int queryEnd, int segment) {
    int begin = first(query, segment);
    int end = end(queryEnd - 1, segment);
    if (begin >= end) {
      return;
    }
    for (int at = begin & -BLOCK; at < end; at += BLOCK) {
      score(query, queryEnd - 1, at, at - segment);
    }
    for (int i = query; i < queryEnd; i++) {
      weigh(i, i - query, first(i, segment) - segment, end(i, segment) - segment);
    }
    for (int at = begin & -BLOCK; at < end; at += BLOCK) {
      mix(query, queryEnd - 1, segment, Math.max(at, begin), Math.min(at + BLOCK, end));
    }
  }

  /** Missing queries repeat the last. */
  private void score(int query, int last, int at, int column) {
    kernels.scoreBlock(
        keys(),
        blockOffset(at),
        cache.headSize(),
        queries.data(),
        offset(queries, query),
        offset(queries, Math.min(query + 1, last)),
        offset(queries, Math.min(query + 2, last)),
        offset(queries, last),
        rule.scale(),
        scores,
        column);
  }

  /** Scores become weights relative to the largest score so far, and so does what was found. */
  private void weigh(int query, int scoresRow, int from, int to) {
    if (from >= to) {
      return;
    }
    if (rule.softCap() > 0) {
      kernels.softCapRange(scores, scoresRow, from, to, rule.softCap());
    }
    float before = largest[query];
    float now = Math.max(before, kernels.largest(scores, scoresRow, from, to));
    if (now > before && total[query] > 0) {
      float factor = Exponential.exp(before - now);
      total[query] *= factor;
      scaleOut(query, factor);
    }
    largest[query] = now;
    kernels.exponentials(scores, scoresRow, from, to, now);
    total[query] += kernels.sum(scores, scoresRow, from, to);
  }

  /** Positions of one block, for all queries at once if all see them. */
  private void mix(int query, int last, int segment, int from, int to) {
    long values = blockOffset(from);
    int headSize = cache.headSize();
    if (first(last, segment) <= from && end(query, segment) >= to) {
      kernels.mixFour(
          values(),
          values + 4L * (from % BLOCK) * headSize,
          headSize,
          to - from,
          scores,
          from - segment,
          last - query,
          out.data(),
          offset(out, query),
          offset(out, Math.min(query + 1, last)),
          offset(out, Math.min(query + 2, last)),
          offset(out, last));
      return;
    }
    for (int i = query; i <= last; i++) {
      int own = Math.max(from, first(i, segment));
      int count = Math.min(to, end(i, segment)) - own;
      if (count > 0) {
        kernels.mixOne(
            values(),
            values + 4L * (own % BLOCK) * headSize,
            headSize,
            count,
            scores,
            i - query,
            own - segment,
            out.data(),
            offset(out, i));
      }
    }
  }
}
