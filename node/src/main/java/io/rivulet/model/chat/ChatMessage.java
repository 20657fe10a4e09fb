package io.rivulet.model.chat;

/** One turn of a chat. */
public record ChatMessage(String role, String content) {}
