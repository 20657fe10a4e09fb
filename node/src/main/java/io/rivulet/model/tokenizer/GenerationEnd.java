package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.util.BitSet;
import java.util.List;

/** The tokens that end a generation. */
final class GenerationEnd {

  private static final List<String> KEYS =
      List.of(
          "tokenizer.ggml.eos_token_id",
          "tokenizer.ggml.eot_token_id",
          "tokenizer.ggml.eom_token_id");

  /** Files often leave the keys out, so that engines agree on these texts. */
  private static final List<String> TEXTS =
      List.of(
          "<|eot_id|>",
          "<|eom_id|>",
          "<|im_end|>",
          "<|end|>",
          "<end_of_turn>",
          "<|endoftext|>",
          "<EOT>");

  private GenerationEnd() {}

  static BitSet of(Vocabulary vocabulary, GgufMetadata metadata, int eos) {
    var ids = new BitSet();
    if (eos != Tokenizer.NONE) {
      ids.set(eos);
    }
    for (String key : KEYS) {
      if (metadata.contains(key)) {
        ids.set(vocabulary.special(metadata, key, Tokenizer.NONE));
      }
    }
    for (String text : TEXTS) {
      vocabulary.id(text).ifPresent(ids::set);
    }
    return ids;
  }
}
