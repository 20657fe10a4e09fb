/**
 * Makes a model's sparsity profile from a text: thresholds for CETT targets, the point to compute
 * at, predictors, an order. What is finished is kept in a {@link
 * io.rivulet.sparsity.calibration.Checkpoint}, so that an interruption costs a step: a layer's
 * thresholds or predictor, a perplexity, a window of the text. Memory does not grow with the text:
 * activations and samples are in mapped files. May depend on the rest of {@code
 * io.rivulet.sparsity} and what that may depend on.
 */
package io.rivulet.sparsity.calibration;
