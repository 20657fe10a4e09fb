package io.rivulet.protocol;

import static io.rivulet.protocol.FieldCheck.require;

/**
 * One turn of a chat.
 *
 * @param role who speaks, mostly {@code system}, {@code user} or {@code assistant}; which roles
 *     there are is for the model's template to say; 1 to {@value #MAX_ROLE_LENGTH} characters
 * @param content what is said
 */
public record ChatMessage(String role, String content) {

  public static final int MAX_ROLE_LENGTH = 64;

  public ChatMessage {
    require(
        !role.isEmpty() && role.length() <= MAX_ROLE_LENGTH,
        "role",
        role.length() + " long",
        "1 to 64 characters");
  }
}
