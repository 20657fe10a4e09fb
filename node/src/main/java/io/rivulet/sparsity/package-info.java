/**
 * Sparse activation as it is measured and learned from a text: nothing here is needed to generate.
 * May depend on {@code io.rivulet.engine}, {@code io.rivulet.model} and {@code io.rivulet.kernels}.
 */
package io.rivulet.sparsity;
