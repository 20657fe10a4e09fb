/**
 * Model files in the safetensors format, one or a directory of shards with an index: the container
 * alone, no architecture. May depend on {@code io.rivulet.model.gguf} for what all model files
 * share.
 *
 * <p>A file is not believed: every number in it is checked before it is used, and nothing is
 * allocated from a number that the file only claims. Whatever is wrong with one comes out as a
 * {@link io.rivulet.model.gguf.ModelFileException}.
 */
package io.rivulet.model.safetensors;
