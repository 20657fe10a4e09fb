package io.rivulet.engine;

/**
 * One token as it was generated.
 *
 * @param index from 0, without gaps
 * @param tokenId the vocabulary id
 * @param text whole Unicode characters only: the bytes of a character split between tokens come
 *     with the token that completes it, so this may be empty
 * @param density the share of FFN neurons that were read for this token, over all layers
 */
public record GeneratedToken(int index, int tokenId, String text, double density) {}
