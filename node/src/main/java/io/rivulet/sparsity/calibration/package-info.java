/**
 * Makes a model's sparsity profile from a text: thresholds for CETT targets, the point to compute
 * at, predictors. May depend on the rest of {@code io.rivulet.sparsity} and what that may depend
 * on.
 */
package io.rivulet.sparsity.calibration;
