/**
 * Models as data: hyper-parameters, weights and the transformer that computes logits from tokens.
 * May depend on {@code io.rivulet.kernels}.
 */
package io.rivulet.model;
