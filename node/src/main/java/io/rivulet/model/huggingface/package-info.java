/**
 * Models as Hugging Face directories: config.json, tokenizer and safetensors, seen as a GGUF file
 * is. Keys, names and values are those that llama.cpp's converter writes; what it has no key for is
 * refused by name. May depend on {@code io.rivulet.model.gguf}, {@code
 * io.rivulet.model.safetensors}, {@code io.rivulet.model.tokenizer} and {@code io.rivulet.kernels}.
 */
package io.rivulet.model.huggingface;
