/**
 * The lookahead predictor of a layer: a low-rank network that names the neurons of a feed-forward
 * network that will be active, from a hidden state that is there before the network's own input is.
 * How it is trained, how its threshold is chosen for a recall, and its rank for what a token costs.
 * May depend on {@code io.rivulet.kernels}.
 */
package io.rivulet.sparsity.predictor;
