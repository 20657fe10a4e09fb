package io.rivulet.http;

import io.rivulet.protocol.ChatMessage;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.Input;
import io.rivulet.protocol.MalformedMessageException;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a request that came by HTTP: what the prompts topic takes, within narrower limits. */
final class PromptReader {

  static final int MOST_CHARACTERS = 32_768;
  static final int MOST_TOKENS = 2_048;

  /** Of the body: every character may be written as \\uXXXX. */
  static final int MOST_BYTES = 8 * MOST_CHARACTERS;

  private static final Pattern FIELD = Pattern.compile("[a-z_]+(\\[\\d+\\])?(\\.[a-z_]+)*");

  private PromptReader() {}

  /**
   * Reads a body and gives the request an id of its own, which nobody can guess.
   *
   * @throws CallRefusedException naming the field
   */
  static GenerationRequest read(byte[] body) {
    GenerationRequest request;
    try {
      request = GenerationRequest.fromJson(body);
    } catch (MalformedMessageException e) {
      throw refused(e.getMessage());
    }
    if (request.id().isPresent()) {
      throw refused("id", "id is the node's to choose here", "leave it out");
    }
    if (request.priority() < 0) {
      throw refused(
          "priority",
          "priority must be at least 0 here, was " + request.priority(),
          "leave it out, or send it by Kafka");
    }
    if (request.maxTokens().orElse(0) > MOST_TOKENS) {
      throw refused(
          "max_tokens",
          "max_tokens must be at most "
              + MOST_TOKENS
              + " here, was "
              + request.maxTokens().getAsInt(),
          "ask for fewer, or send it by Kafka");
    }
    int characters = characters(request.input());
    if (characters > MOST_CHARACTERS) {
      throw refused(
          "prompt",
          "prompt must be at most " + MOST_CHARACTERS + " characters here, had " + characters,
          "shorten it, or send it by Kafka");
    }
    return request.withId(UUID.randomUUID().toString());
  }

  private static int characters(Input input) {
    return switch (input) {
      case Input.Text(String prompt) -> prompt.length();
      case Input.Chat chat -> chat.messages().stream().mapToInt(PromptReader::characters).sum();
    };
  }

  private static int characters(ChatMessage message) {
    return message.content().length();
  }

  /** The messages of requests that cannot be read begin with the field's name. */
  private static CallRefusedException refused(String message) {
    Matcher name = FIELD.matcher(message);
    return name.lookingAt() && message.startsWith(" ", name.end()) && !message.startsWith("the ")
        ? refused(name.group(), message, "correct it and send the request again")
        : refused("body", message, "send a JSON object with a prompt");
  }

  private static CallRefusedException refused(String field, String reason, String mend) {
    return new CallRefusedException(new ApiError(400, field, reason, mend));
  }
}
