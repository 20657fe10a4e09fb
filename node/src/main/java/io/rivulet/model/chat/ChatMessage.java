package io.rivulet.model.chat;

import static java.util.Objects.requireNonNull;

/**
 * A message of a conversation.
 *
 * @param role who says it: {@code system}, {@code user}, {@code assistant}, or what else the
 *     model's template knows
 * @param content what is said
 */
public record ChatMessage(String role, String content) {

  public ChatMessage {
    requireNonNull(role, "role is null");
    requireNonNull(content, "content is null");
  }
}
