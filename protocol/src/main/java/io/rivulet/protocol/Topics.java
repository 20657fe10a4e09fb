package io.rivulet.protocol;

import java.util.regex.Pattern;

/**
 * The topics' names.
 *
 * @param prefix what each name begins with: 1 to 200 of Kafka's letters (a-z, A-Z, 0-9, dot,
 *     underscore, hyphen), the first one a letter or a digit
 */
public record Topics(String prefix) {

  private static final Pattern ALLOWED = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,199}");

  /** The names of the contract, beginning with {@code rivulet.}. */
  public static final Topics DEFAULT = new Topics("rivulet.");

  public Topics {
    if (!ALLOWED.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "the topic prefix must be 1 to 200 letters, digits, dots, underscores or hyphens and"
              + " begin with a letter or digit, was '"
              + prefix
              + "'");
    }
  }

  /** Where requests go. */
  public String prompts() {
    return prefix + "prompts";
  }

  /** Where tokens come from. */
  public String tokens() {
    return prefix + "tokens";
  }

  /** Where nodes report. */
  public String telemetry() {
    return prefix + "telemetry";
  }

  /** Where clients ask to end a request. */
  public String control() {
    return prefix + "control";
  }

  /** Where requests go that could not be taken. */
  public String deadLetters() {
    return prefix + "prompts.dlq";
  }
}
