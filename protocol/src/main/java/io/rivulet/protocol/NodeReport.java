package io.rivulet.protocol;

import java.time.Duration;
import java.time.Instant;

/**
 * What a node is doing.
 *
 * @param model the name it answers to
 * @param uptime since it started
 * @param waiting requests taken that have no place in the batch yet
 * @param longestWait how long the one of them has waited that came first; zero where none waits
 * @param running requests in the batch
 * @param capacity requests that fit the batch
 * @param kvTokensUsed positions of the key-value cache that running requests hold or may come to
 *     need
 * @param kvTokensCapacity positions that fit it
 * @param promptTokens prompt tokens computed since start; those that were reused do not count
 * @param generatedTokens tokens generated since start
 * @param tokensPerSecond generated since the report before
 * @param prefixCache what it computed for earlier prompts and uses again
 */
public record NodeReport(
    String node,
    Instant time,
    String model,
    Duration uptime,
    int waiting,
    Duration longestWait,
    int running,
    int capacity,
    long kvTokensUsed,
    long kvTokensCapacity,
    long promptTokens,
    long generatedTokens,
    double tokensPerSecond,
    PrefixCacheReport prefixCache)
    implements TelemetryEvent {}
