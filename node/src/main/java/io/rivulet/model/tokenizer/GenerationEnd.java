package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * The tokens that end a generation, found as llama.cpp finds them: by the keys of the file, and by
 * texts that engines agree on, because files often leave the keys out or name but one token.
 */
final class GenerationEnd {

  private static final List<String> KEYS =
      List.of("tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id");

  private static final List<String> TEXTS =
      List.of(
          "<|eot_id|>",
          "<|im_end|>",
          "<|end|>",
          "<|return|>",
          "<|call|>",
          "<|flush|>",
          "<|calls|>",
          "<end_of_turn>",
          "<|endoftext|>",
          "</s>",
          "<|eom_id|>",
          "<EOT>",
          "_<EOT>",
          "[EOT]",
          "[EOS]",
          "<|end_of_text|>",
          "<end_of_utterance>",
          "<eos>",
          "<turn|>",
          "<|tool_response>",
          "<\uff5cend\u2581of\u2581sentence\uff5c>",
          "[e~[");

  /** What models that complete code write where a file ends: keys, and texts where they miss. */
  private static final Map<String, List<String>> FILE_ENDS =
      Map.of(
          "tokenizer.ggml.fim_pad_token_id",
          List.of("<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"),
          "tokenizer.ggml.fim_rep_token_id",
          List.of("<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>", "<reponame>"),
          "tokenizer.ggml.fim_sep_token_id",
          List.of("<|file_sep|>"));

  private GenerationEnd() {}

  /** Finds them, and makes those known by their text control tokens. */
  static BitSet of(Vocabulary vocabulary, GgufMetadata metadata, int eos) {
    var ids = new BitSet();
    for (String text : TEXTS) {
      if (!isOnlyAPause(text, vocabulary)) {
        vocabulary.id(text).ifPresent(ids::set);
      }
    }
    ids.stream().forEach(vocabulary::makeControl);
    if (eos != Tokenizer.NONE) {
      ids.set(eos);
    }
    for (String key : KEYS) {
      if (metadata.contains(key)) {
        ids.set(vocabulary.special(metadata, key, Tokenizer.NONE));
      }
    }
    FILE_ENDS.forEach(
        (key, texts) -> {
          if (metadata.contains(key)) {
            ids.set(vocabulary.special(metadata, key, Tokenizer.NONE));
          } else {
            texts.forEach(text -> vocabulary.id(text).ifPresent(ids::set));
          }
        });
    return ids;
  }

  /** Some families end one part of an answer with what ends the whole in others. */
  private static boolean isOnlyAPause(String text, Vocabulary vocabulary) {
    return switch (text) {
      case "<|end|>" ->
          has(vocabulary, "<|return|>", "<|call|>") || has(vocabulary, "<|calls|>", "<|flush|>");
      case "</s>" -> has(vocabulary, "<|tool_response>");
      default -> false;
    };
  }

  private static boolean has(Vocabulary vocabulary, String... texts) {
    return List.of(texts).stream().allMatch(text -> vocabulary.id(text).isPresent());
  }
}
