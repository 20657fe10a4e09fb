package io.rivulet.model.chat;

import java.util.List;

/** Makes the text of a chat that the model was trained on. */
public final class ChatTemplate {

  ChatTemplate() {}

  /**
   * The text.
   *
   * @throws IllegalArgumentException with a one-line reason when the template refuses
   */
  public String render(List<ChatMessage> messages) {
    throw new IllegalArgumentException("no template renders " + messages.size() + " messages yet");
  }
}
