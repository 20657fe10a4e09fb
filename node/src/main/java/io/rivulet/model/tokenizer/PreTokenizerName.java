package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.ModelFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Finds the name that GGUF has for the pre-tokenizer of a tokenizer.json, by what it consists of.
 * One that does exactly the same is found, or none.
 */
final class PreTokenizerName {

  private static final String BYTE_LEVEL = "ByteLevel with its expression";
  private static final String EVERY_DIGIT = "Digits, each";
  private static final String SPLIT = "Split by ";

  private static final String REST =
      " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
  private static final String CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
  private static final String BEFORE = "[^\\r\\n\\p{L}\\p{N}]?";
  private static final String SLASHES =
      "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private static final String LLAMA_3 = CONTRACTION + "|" + BEFORE + "\\p{L}+|\\p{N}{1,3}|" + REST;
  private static final String QWEN_2 = CONTRACTION + "|" + BEFORE + "\\p{L}+|\\p{N}|" + REST;
  private static final String CJK = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+";
  private static final String NEWLINE = "[\\r\\n]";

  /** Of those with more than one name the one that says least else. */
  private static final Map<List<String>, String> NAMES =
      Map.ofEntries(
          Map.entry(List.of(BYTE_LEVEL), "gpt-2"),
          Map.entry(List.of(EVERY_DIGIT, BYTE_LEVEL), "starcoder"),
          Map.entry(
              List.of(
                  "Punctuation, Contiguous",
                  BYTE_LEVEL,
                  "Digits, together",
                  SPLIT + "[0-9][0-9][0-9]"),
              "falcon"),
          Map.entry(List.of(SPLIT + LLAMA_3), "dbrx"),
          Map.entry(List.of(SPLIT + QWEN_2), "qwen2"),
          Map.entry(
              List.of(
                  SPLIT
                      + CONTRACTION
                      + "|"
                      + BEFORE
                      + "[\\p{L}\\p{M}]+|\\p{N}| ?[^\\s\\p{L}\\p{M}\\p{N}]+[\\r\\n]*"
                      + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
              "qwen35"),
          Map.entry(
              List.of(
                  SPLIT + NEWLINE,
                  SPLIT + "\\s?\\p{L}+",
                  SPLIT + "\\s?\\p{P}+",
                  SPLIT + CJK,
                  EVERY_DIGIT),
              "deepseek-coder"),
          Map.entry(
              List.of(
                  SPLIT + NEWLINE,
                  SPLIT + "\\s?" + PreTokenizers.DEEPSEEK_LETTERS + "+",
                  SPLIT + "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
                  SPLIT + "\\s+$",
                  SPLIT + CJK,
                  EVERY_DIGIT),
              "deepseek-llm"),
          Map.entry(
              List.of(
                  SPLIT + "\\p{N}{1,3}",
                  SPLIT + "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
                  SPLIT
                      + "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
                      + "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*"
                      + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"),
              "deepseek-v3"),
          Map.entry(
              List.of(
                  SPLIT
                      + BEFORE
                      + UPPER
                      + "*"
                      + LOWER
                      + "+|"
                      + BEFORE
                      + UPPER
                      + "+"
                      + LOWER
                      + "*|\\p{N}"
                      + SLASHES),
              "tekken"),
          Map.entry(
              List.of(
                  SPLIT
                      + BEFORE
                      + UPPER
                      + "*"
                      + LOWER
                      + "+"
                      + CONTRACTION
                      + "?|"
                      + BEFORE
                      + UPPER
                      + "+"
                      + LOWER
                      + "*"
                      + CONTRACTION
                      + "?|\\p{N}{1,3}"
                      + SLASHES),
              "gpt-4o"),
          Map.entry(
              List.of(SPLIT + " ?[^(\\s|[.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c])]+"),
              "bloom"));

  /** Those that take words that are tokens for these, whatever the merges say. */
  private static final Map<String, String> IGNORING_MERGES =
      Map.of("dbrx", "llama-bpe", "tekken", "tekken");

  private PreTokenizerName() {}

  /**
   * The name.
   *
   * @throws ModelFileException if there is none
   */
  static String of(TokenizerFile file) {
    JsonFields fields = file.fields();
    var parts = new ArrayList<String>();
    fields.fields("pre_tokenizer").ifPresent(root -> collect(root, parts));
    String name = NAMES.get(parts);
    if (name == null) {
      throw fields.invalid(
          "pre_tokenizer",
          "is none that GGUF has a name for: %s"
              .formatted(ModelFileException.quote(String.join("; ", parts))));
    }
    boolean ignoring = file.model().bool("ignore_merges").orElse(false);
    String asked = ignoring ? IGNORING_MERGES.get(name) : name;
    boolean same = asked != null && ignoring == PreTokenizers.of(asked).ignoresMerges();
    if (!same) {
      throw fields.invalid(
          "model.ignore_merges", "is " + ignoring + ", which GGUF cannot say for " + name);
    }
    return asked;
  }

  private static void collect(JsonFields part, List<String> parts) {
    String type = part.requiredText("type");
    switch (type) {
      case "Sequence" -> part.list("pretokenizers").forEach(each -> collect(each, parts));
      case "ByteLevel" -> {
        if (part.bool("add_prefix_space").orElse(true)) {
          throw part.invalid("add_prefix_space", "is true, which GGUF cannot say");
        }
        if (part.bool("use_regex").orElse(true)) {
          parts.add(BYTE_LEVEL);
        }
      }
      case "Digits" ->
          parts.add(
              part.bool("individual_digits").orElse(false) ? EVERY_DIGIT : "Digits, together");
      case "Punctuation" -> parts.add("Punctuation, " + part.text("behavior").orElse("Isolated"));
      case "Split" -> parts.add(split(part));
      default -> parts.add(type);
    }
  }

  private static String split(JsonFields part) {
    String behavior = part.requiredText("behavior");
    if (!behavior.equals("Isolated") || part.bool("invert").orElse(false)) {
      return "Split, " + behavior;
    }
    JsonFields pattern =
        part.fields("pattern").orElseThrow(() -> part.invalid("pattern", "is missing"));
    return pattern
        .text("Regex")
        .map(regex -> SPLIT + regex.replace("\r", "\\r").replace("\n", "\\n"))
        .orElse("Split by a string");
  }
}
