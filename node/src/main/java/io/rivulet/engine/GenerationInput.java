package io.rivulet.engine;

import java.time.Instant;
import java.util.List;

/** What a generation continues. */
public sealed interface GenerationInput {

  /** A text as it stands, not empty. */
  record Text(String text) implements GenerationInput {
    public Text {
      if (text.isEmpty()) {
        throw new IllegalArgumentException("the prompt is empty: give it at least one character");
      }
    }
  }

  /**
   * A chat, not empty, which the model's own template makes a text of.
   *
   * @param moment what the template takes for now where it names the day; the same for every
   *     attempt at a request, so that each continues the same text
   */
  record Chat(List<Message> messages, Instant moment) implements GenerationInput {
    public Chat {
      if (messages.isEmpty()) {
        throw new IllegalArgumentException("the chat is empty: give it at least one message");
      }
      messages = List.copyOf(messages);
    }
  }

  /**
   * One turn of a chat.
   *
   * @param role who speaks: {@code system}, {@code user}, {@code assistant}, or what else the
   *     template knows
   */
  record Message(String role, String content) {}
}
