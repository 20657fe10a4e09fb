/**
 * Text to tokens and back, by the vocabulary that a model file carries. {@link
 * io.rivulet.model.tokenizer.Tokenizers} picks the kind: SentencePiece BPE, byte-level BPE,
 * SentencePiece unigram or WordPiece. May depend on {@code io.rivulet.model.gguf}.
 */
package io.rivulet.model.tokenizer;
