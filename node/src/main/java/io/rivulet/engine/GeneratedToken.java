package io.rivulet.engine;

import java.util.Optional;

/**
 * One token as it was generated.
 *
 * @param index from 0 without gaps, or on from the tokens that the task continues
 * @param tokenId the vocabulary id
 * @param text whole Unicode characters only, and none that could be the beginning of a stop string:
 *     those come with the token that completes or clears them, so this may be empty
 * @param density the share of FFN neurons that were read for this token, over all layers
 * @param logProbabilities present where the task asks for them
 */
public record GeneratedToken(
    int index,
    int tokenId,
    String text,
    double density,
    Optional<LogProbabilities> logProbabilities) {}
