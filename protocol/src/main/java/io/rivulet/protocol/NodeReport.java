package io.rivulet.protocol;

import java.time.Duration;
import java.time.Instant;

/**
 * What a node is doing.
 *
 * @param model the name it answers to
 * @param uptime since it started
 * @param waiting requests taken that have no place in the batch yet
 * @param running requests in the batch
 * @param capacity requests that fit the batch
 * @param kvTokensUsed positions held in the key-value cache
 * @param kvTokensCapacity positions that fit it
 * @param promptTokens prompt tokens computed since start
 * @param generatedTokens tokens generated since start
 * @param tokensPerSecond generated since the report before
 */
public record NodeReport(
    String node,
    Instant time,
    String model,
    Duration uptime,
    int waiting,
    int running,
    int capacity,
    long kvTokensUsed,
    long kvTokensCapacity,
    long promptTokens,
    long generatedTokens,
    double tokensPerSecond)
    implements TelemetryEvent {}
