package io.rivulet.engine;

import java.time.Duration;

/**
 * What the engine is doing at this moment, and what it has done since it started.
 *
 * @param threads that compute
 * @param waiting tasks submitted that have no place in the batch yet
 * @param longestWait how long the one of them has waited that came first; zero where none waits
 * @param running sequences in the batch
 * @param capacity sequences that fit the batch
 * @param kvTokensUsed positions of the key-value cache that running sequences hold or may come to
 *     need
 * @param kvTokensCapacity positions that fit it
 * @param promptTokens prompt tokens computed since start; those that were reused do not count
 * @param generatedTokens tokens generated since start
 * @param steps done since start
 * @param prefixCache what was computed for earlier prompts and is used again
 * @param times how long requests and tokens took since start
 */
public record EngineLoad(
    int threads,
    int waiting,
    Duration longestWait,
    int running,
    int capacity,
    long kvTokensUsed,
    long kvTokensCapacity,
    long promptTokens,
    long generatedTokens,
    EngineSteps steps,
    PrefixCacheLoad prefixCache,
    EngineTimes times) {}
