package io.rivulet.engine;

import static java.util.Objects.requireNonNull;

import io.rivulet.kernels.KeyValueType;

/**
 * How an engine shares the machine among sequences. None of it but kvType and audits changes what
 * is generated.
 *
 * @param threads threads that compute, at least 1
 * @param batchSize sequences that run at a time, at least 1; others wait in order
 * @param kvTokens positions of the key-value cache, all running sequences together; 0 for as many
 *     as a full batch of the model's context takes, within half a gibibyte, or within a quarter of
 *     the machine's memory where one sequence of 4096 needs more
 * @param kvType how keys and values are stored
 * @param prefixCacheTokens tokens of ended sequences whose keys and values stay in the cache while
 *     no running one needs the room, so that a prompt that begins the same is not computed again;
 *     0: sequences share nothing
 * @param prefillChunk prompt tokens computed in a step beside the running sequences' next tokens,
 *     at least 1; more makes prompts faster, fewer make the others wait less
 * @param audits how answers are audited that leave neurons out
 */
public record EngineOptions(
    int threads,
    int batchSize,
    int kvTokens,
    KeyValueType kvType,
    int prefixCacheTokens,
    int prefillChunk,
    AuditOptions audits) {

  /** A thread a processor, 8 sequences, a cache for them, kept full, prompts by 32 tokens. */
  public static final EngineOptions DEFAULT =
      new EngineOptions(
          Runtime.getRuntime().availableProcessors(),
          8,
          0,
          KeyValueType.DEFAULT,
          Integer.MAX_VALUE,
          128,
          AuditOptions.DEFAULT);

  private static final int MOST_THREADS = 1024;
  private static final int MOST_ROWS = 4096;

  public EngineOptions {
    requireNonNull(kvType, "kvType is null");
    requireNonNull(audits, "audits is null");
    requireRange("threads", threads, 1, MOST_THREADS);
    requireRange("the batch size", batchSize, 1, MOST_ROWS);
    requireRange("the tokens of the key-value cache", kvTokens, 0, Integer.MAX_VALUE);
    requireRange("the tokens of the prefix cache", prefixCacheTokens, 0, Integer.MAX_VALUE);
    requireRange("the prefill chunk", prefillChunk, 1, MOST_ROWS);
  }

  /** The same with another number of threads. */
  public EngineOptions withThreads(int number) {
    return new EngineOptions(
        number, batchSize, kvTokens, kvType, prefixCacheTokens, prefillChunk, audits);
  }

  /** The same with another number of sequences. */
  public EngineOptions withBatchSize(int sequences) {
    return new EngineOptions(
        threads, sequences, kvTokens, kvType, prefixCacheTokens, prefillChunk, audits);
  }

  /** The same with another cache. */
  public EngineOptions withKvTokens(int tokens) {
    return new EngineOptions(
        threads, batchSize, tokens, kvType, prefixCacheTokens, prefillChunk, audits);
  }

  /** The same with another bound on what is kept for later prompts. */
  public EngineOptions withPrefixCacheTokens(int tokens) {
    return new EngineOptions(threads, batchSize, kvTokens, kvType, tokens, prefillChunk, audits);
  }

  /** The same with keys and values stored otherwise. */
  public EngineOptions withKvType(KeyValueType type) {
    return new EngineOptions(
        threads, batchSize, kvTokens, type, prefixCacheTokens, prefillChunk, audits);
  }

  /** The same with another prefill chunk. */
  public EngineOptions withPrefillChunk(int tokens) {
    return new EngineOptions(
        threads, batchSize, kvTokens, kvType, prefixCacheTokens, tokens, audits);
  }

  /** The same, audited otherwise. */
  public EngineOptions withAudits(AuditOptions options) {
    return new EngineOptions(
        threads, batchSize, kvTokens, kvType, prefixCacheTokens, prefillChunk, options);
  }

  private static void requireRange(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s must be from %d to %d, was %d".formatted(what, least, most, value));
    }
  }
}
