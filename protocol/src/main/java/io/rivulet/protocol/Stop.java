package io.rivulet.protocol;

import static io.rivulet.protocol.FieldCheck.require;

import java.util.List;

/**
 * What ends an answer before its {@code max_tokens}, besides the model's own end.
 *
 * <p>The text ends before the stop string that is complete first, of several complete at once the
 * longest; it may begin and end within tokens. Text that could be the beginning of a stop string is
 * held back until that is known, so an event's text may be of earlier tokens, or empty. Tokens of
 * the stop string have their events, without its text, and count in usage. A stop token, like the
 * model's own end, has no event.
 *
 * @param strings at most {@value #MAX_STRINGS}, each 1 to {@value #MAX_STRING_LENGTH} characters;
 *     {@code stop} in JSON
 * @param tokenIds at most {@value #MAX_TOKEN_IDS}; {@code stop_token_ids} in JSON
 * @param minTokens before so many tokens nothing ends the answer: the model's end and stop tokens
 *     are not drawn, stop strings are looked for in what follows only
 * @param ignoreEos the model's own end is a token like others
 */
public record Stop(List<String> strings, List<Integer> tokenIds, int minTokens, boolean ignoreEos) {

  public static final int MAX_STRINGS = 16;
  public static final int MAX_STRING_LENGTH = 256;
  public static final int MAX_TOKEN_IDS = 64;

  /** The model's own end alone. */
  public static final Stop DEFAULT = new Stop(List.of(), List.of(), 0, false);

  public Stop {
    strings = List.copyOf(strings);
    tokenIds = List.copyOf(tokenIds);
    require(strings.size() <= MAX_STRINGS, "stop", strings.size() + " strings", "at most 16");
    strings.forEach(Stop::requireStopString);
    require(
        tokenIds.size() <= MAX_TOKEN_IDS,
        "stop_token_ids",
        tokenIds.size() + " ids",
        "at most 64 ids");
    tokenIds.forEach(id -> require(id >= 0, "an id in stop_token_ids", id, "at least 0"));
    require(minTokens >= 0, "min_tokens", minTokens, "at least 0");
  }

  private static void requireStopString(String string) {
    require(
        !string.isEmpty() && string.length() <= MAX_STRING_LENGTH,
        "a stop string",
        string.length() + " long",
        "1 to 256 characters");
    require(
        string.codePoints().noneMatch(Stop::isSurrogate),
        "a stop string",
        "cut within a character",
        "of whole characters");
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
