/**
 * The engine: one step loop over sequences, with continuous batching, a key-value budget, sampling
 * and counted sparsity. Knows nothing of Kafka. May depend on {@code io.rivulet.model} and {@code
 * io.rivulet.kernels}.
 */
package io.rivulet.engine;
