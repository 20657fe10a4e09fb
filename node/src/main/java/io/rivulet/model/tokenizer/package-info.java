/**
 * Text to tokens and back, by the vocabulary that a model file carries. {@link
 * io.rivulet.model.tokenizer.Tokenizers} picks the kind; there is one for SentencePiece BPE. May
 * depend on {@code io.rivulet.model.gguf}.
 */
package io.rivulet.model.tokenizer;
