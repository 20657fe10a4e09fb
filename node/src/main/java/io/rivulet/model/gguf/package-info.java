/**
 * Model files in the GGUF format (versions 2 and 3): reading without trust, writing, and a summary
 * of what is inside. Knows the container alone, no architecture. May depend on {@code
 * io.rivulet.kernels}.
 *
 * <p>A file is not believed: every number in it is checked before it is used, and nothing is
 * allocated from a number that the file only claims. Whatever is wrong with one comes out as a
 * {@link io.rivulet.model.gguf.ModelFileException}.
 */
package io.rivulet.model.gguf;
