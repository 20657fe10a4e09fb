/**
 * What calibration finds out about a model's neurons, as data and as a file: norms, thresholds,
 * predictors, an order of neurons, and how well each did. A profile belongs to one model, which its
 * {@link io.rivulet.model.profile.ModelFingerprint} names. May depend on {@code
 * io.rivulet.kernels}, {@code io.rivulet.model.gguf} and {@code io.rivulet.model.safetensors}.
 *
 * <p>A profile file is not believed: whatever is wrong with one comes out as a {@link
 * io.rivulet.model.gguf.ModelFileException}.
 */
package io.rivulet.model.profile;
