package io.rivulet.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a node is doing.
 *
 * @param version of this schema, {@link TelemetryEvent#VERSION}
 * @param model the name it answers to
 * @param interval how often it reports
 * @param window the time since its report before
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
 * @param tokensPerSecond generated in the window
 * @param prefillTokensPerSecond prompt tokens computed in the window
 * @param batchSize how many answers a step of the window went on with, the mean over the steps that
 *     went on with any; absent where none did
 * @param threads that compute
 * @param weightBytesPerSecond bytes of weights read in the window: in each step whole matrices
 *     once, and of those that are read by rows the rows that any token of the batch asked for, of
 *     down at most; audits not counted
 * @param sparsity how requests are computed that do not say
 * @param prefixCache what it computed for earlier prompts and uses again
 * @param timeToFirstToken of the window's first tokens, from the node's taking the request on
 * @param timePerOutputToken of the window's other tokens, since the one before of the same answer
 * @param queueTime of the requests that came into the batch in the window, from the node's taking
 *     them on
 * @param finished since start
 */
public record NodeReport(
    int version,
    String node,
    Instant time,
    String model,
    Duration interval,
    Duration window,
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
    double prefillTokensPerSecond,
    Optional<Double> batchSize,
    int threads,
    long weightBytesPerSecond,
    Sparsity sparsity,
    PrefixCacheReport prefixCache,
    TimeHistogram timeToFirstToken,
    TimeHistogram timePerOutputToken,
    TimeHistogram queueTime,
    FinishedRequests finished)
    implements TelemetryEvent {}
