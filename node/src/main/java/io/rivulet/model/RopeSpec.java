package io.rivulet.model;

import io.rivulet.kernels.RopeLayout;

/**
 * How queries and keys turn with their position (arXiv:2104.09864).
 *
 * @param layout which elements of a head turn together
 * @param dims how many elements of a head turn, the first ones; even
 * @param originalContext positions of the training before the context was extended
 * @param global in layers that see all positions
 * @param local in local layers
 */
public record RopeSpec(
    RopeLayout layout, int dims, int originalContext, RopeScaling global, RopeScaling local) {}
