package io.rivulet.model;

/**
 * Where a block normalises, and how. What attention and FFN read is normalised in all models.
 *
 * @param kind of every normalisation
 * @param epsilon what is added under the root
 * @param heads whether each head of queries and keys is, before it turns
 * @param inner whether attention's result is before its output matrix, and neurons before down
 *     (sub-LN, arXiv:2210.06423)
 * @param after whether the results of attention and FFN are before they are added to the residual
 *     stream
 */
public record NormSpec(
    Normalization kind, float epsilon, boolean heads, boolean inner, boolean after) {}
