package io.rivulet.protocol;

import java.util.List;

/** What a request continues. */
public sealed interface Input {

  /**
   * A text as it stands; {@code prompt} in JSON.
   *
   * @param prompt not empty
   */
  record Text(String prompt) implements Input {
    public Text {
      if (prompt.isEmpty()) {
        throw new IllegalArgumentException("prompt is empty: give it at least one character");
      }
    }
  }

  /**
   * A chat, which the model's own template makes a text of; {@code messages} in JSON.
   *
   * @param messages 1 to {@value #MAX_MESSAGES}
   */
  record Chat(List<ChatMessage> messages) implements Input {

    public static final int MAX_MESSAGES = 4096;

    public Chat {
      if (messages.isEmpty()) {
        throw new IllegalArgumentException("messages is empty: give it at least one message");
      }
      FieldCheck.require(
          messages.size() <= MAX_MESSAGES,
          "messages",
          messages.size() + " messages",
          "at most 4096 messages");
      messages = List.copyOf(messages);
    }
  }
}
