/**
 * Chat: messages, and the template by which a model's file makes one prompt of them. May depend on
 * {@code io.rivulet.model.jinja}, {@code io.rivulet.model.gguf} and {@code
 * io.rivulet.model.tokenizer}.
 */
package io.rivulet.model.chat;
