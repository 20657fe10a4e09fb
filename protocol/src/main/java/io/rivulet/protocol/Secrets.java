package io.rivulet.protocol;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What must not be printed of the properties of Kafka's clients. */
final class Secrets {

  private static final Pattern SECRET_KEY =
      Pattern.compile("(?i).*(password|secret|jaas|token|credential|keystore\\.key).*");

  private static final Pattern MODULE = Pattern.compile("[\\w.$]+LoginModule\\b");
  private static final Pattern BETWEEN_WORDS = Pattern.compile("\\W+");
  private static final int SHORTEST_WORD = 3;

  /** The words of a JAAS configuration that say nothing. */
  private static final Set<String> HARMLESS =
      Set.of("required", "requisite", "sufficient", "optional", "username", "password");

  private final List<String> words;

  private Secrets(List<String> words) {
    this.words = words;
  }

  /** Each word of a value counts as well: an error mostly shows the part that it cannot read. */
  static Secrets of(Map<String, String> properties) {
    return new Secrets(
        properties.entrySet().stream()
            .filter(property -> SECRET_KEY.matcher(property.getKey()).matches())
            .map(property -> MODULE.matcher(property.getValue()).replaceAll(""))
            .flatMap(value -> Stream.concat(Stream.of(value), BETWEEN_WORDS.splitAsStream(value)))
            .filter(word -> word.length() >= SHORTEST_WORD && !HARMLESS.contains(word))
            .distinct()
            // A longer one may hold a shorter one.
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList());
  }

  /** The text without them. */
  String hiddenIn(String text) {
    String hidden = text;
    for (String word : words) {
      hidden = hidden.replaceAll("(?<!\\w)" + Pattern.quote(word) + "(?!\\w)", "[hidden]");
    }
    return hidden;
  }
}
