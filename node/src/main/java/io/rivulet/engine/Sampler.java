package io.rivulet.engine;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;

/**
 * Draws tokens from logits. The order of the steps is that of most servers: bias and penalties,
 * then the temperature, top-k, top-p over what is left, and min-p. Of equally likely tokens the one
 * with the lower id counts as the likelier. Allocates nothing; for one thread at a time.
 */
final class Sampler {

  /** Below it the strongest token has all the probability that a float can tell from 1. */
  private static final double COLDEST = 1e-4;

  private static final long ID_MASK = 0xffff_ffffL;

  private final Kernels kernels;
  private final float[] values;
  private final int[] ids;

  /** A max-heap of candidates: probability in the upper half, the inverted id in the lower. */
  private final long[] heap;

  private int heapSize;

  Sampler(Kernels kernels, int vocabulary) {
    this.kernels = kernels;
    values = new float[vocabulary];
    ids = new int[vocabulary];
    heap = new long[vocabulary];
  }

  /**
   * Draws a token.
   *
   * @param logits changed where the temperature is not 0
   * @param adjustment what the request does to logits
   * @param index which token of its generation this is
   * @throws ArithmeticException if a logit is not finite
   */
  int sample(
      FloatTensor logits,
      int row,
      SamplingParameters parameters,
      LogitAdjustment adjustment,
      int index) {
    Logits.copy(logits, row, values);
    adjustment.apply(values);
    requireFinite();
    int[] barred = adjustment.barred(index);
    set(barred, Float.NEGATIVE_INFINITY);
    int strongest = Logits.strongest(values);
    if (values[strongest] == Float.NEGATIVE_INFINITY) {
      throw new IllegalArgumentException("min_tokens and stop_token_ids leave no token to draw");
    }
    if (parameters.temperature() < COLDEST || parameters.topK() == 1) {
      return strongest;
    }
    Logits.copy(values, logits, row);
    kernels.scale(logits, row, 0, values.length, (float) (1 / parameters.temperature()));
    kernels.softmax(logits, row, values.length);
    Logits.copy(logits, row, values);
    set(barred, 0);
    // What is not possible at all is left out even where nothing else is.
    double least = Math.max(Float.MIN_VALUE, parameters.minP() * values[strongest]);
    int candidates =
        parameters.topK() == 0 && parameters.topP() == 1
            ? keepLikely(least)
            : keepLikeliest(parameters, least);
    return draw(candidates, CounterRandom.uniform(parameters.seed(), index));
  }

  private void set(int[] tokens, float value) {
    for (int id : tokens) {
      values[id] = value;
    }
  }

  private void requireFinite() {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new ArithmeticException("the model computed a logit that is not finite");
      }
    }
  }

  /** All tokens that are at least this likely, by id. */
  private int keepLikely(double least) {
    int count = 0;
    for (int id = 0; id < values.length; id++) {
      if (values[id] >= least) {
        ids[count++] = id;
      }
    }
    return count;
  }

  /** The likeliest tokens that pass top-k, top-p and min-p, likeliest first. */
  private int keepLikeliest(SamplingParameters parameters, double least) {
    fillHeap();
    int most = parameters.topK() == 0 ? values.length : Math.min(parameters.topK(), values.length);
    // Without top-k the whole adds up to 1, and no token needs to come out of the heap to know it.
    boolean whole = most == values.length;
    double enough = whole ? parameters.topP() : Double.POSITIVE_INFINITY;
    double sum = 0;
    int count = 0;
    while (count < most && sum < enough) {
      int id = pop();
      ids[count++] = id;
      sum += values[id];
    }
    if (!whole) {
      count = prefix(count, parameters.topP() * sum);
    }
    while (count > 1 && values[ids[count - 1]] < least) {
      count--;
    }
    return count;
  }

  /** How many of the candidates it takes to add up to the mass. */
  private int prefix(int candidates, double mass) {
    double sum = 0;
    int count = 0;
    while (count < candidates && sum < mass) {
      sum += values[ids[count++]];
    }
    return Math.max(1, count);
  }

  private int draw(int candidates, double uniform) {
    double mass = 0;
    for (int i = 0; i < candidates; i++) {
      mass += values[ids[i]];
    }
    double target = uniform * mass;
    double sum = 0;
    for (int i = 0; i < candidates; i++) {
      sum += values[ids[i]];
      if (target < sum) {
        return ids[i];
      }
    }
    return ids[candidates - 1];
  }

  /** Probabilities are not negative, so their bits compare as they do. */
  private void fillHeap() {
    heapSize = values.length;
    for (int id = 0; id < heapSize; id++) {
      heap[id] = (long) Float.floatToRawIntBits(values[id]) << Integer.SIZE | (~id & ID_MASK);
    }
    for (int i = heapSize / 2 - 1; i >= 0; i--) {
      sink(i);
    }
  }

  private int pop() {
    long top = heap[0];
    heap[0] = heap[--heapSize];
    sink(0);
    return ~(int) top;
  }

  private void sink(int from) {
    int at = from;
    long value = heap[at];
    while (2 * at + 1 < heapSize) {
      int child = 2 * at + 1;
      if (child + 1 < heapSize && heap[child + 1] > heap[child]) {
        child++;
      }
      if (heap[child] <= value) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = value;
  }
}
