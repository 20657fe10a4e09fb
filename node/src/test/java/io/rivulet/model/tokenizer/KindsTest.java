package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Byte-level BPE with every pre-tokenizer, unigram and WordPiece, against llama.cpp. */
class KindsTest {

  /** What they give back is not always the text that went in. */
  private static final Set<String> NORMALIZING = Set.of("unigram", "wordpiece", "wordpiece-cased");

  @TempDir Path folder;

  @TestFactory
  List<DynamicTest> givesTheIdsOfLlamaCpp() throws IOException {
    Map<String, List<GoldenIds>> kinds =
        GoldenIds.read("kinds.jsonl").stream()
            .collect(
                Collectors.groupingBy(GoldenIds::vocabulary, TreeMap::new, Collectors.toList()));
    return kinds.entrySet().stream()
        .map(kind -> dynamicTest(kind.getKey(), () -> check(kind.getKey(), kind.getValue())))
        .toList();
  }

  @Test
  void aLongWordIsNoTrouble() throws IOException {
    Tokenizer tokenizer =
        TinyByteVocabulary.tokenizer(folder, "llama-bpe", UnaryOperator.identity());
    for (String unit : List.of("a", "ab", "the", "\u65e5", " ", "\n", "1")) {
      String text = unit.repeat(200_000 / unit.length());
      assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
    }
  }

  private void check(String kind, List<GoldenIds> cases) throws IOException {
    Tokenizer tokenizer = tokenizer(kind);
    for (GoldenIds golden : cases) {
      int[] ids =
          golden.controls()
              ? tokenizer.encodeWithControls(golden.text())
              : tokenizer.encode(golden.text());
      assertArrayEquals(golden.ids(), ids, golden.text());
      if (!golden.controls() && !NORMALIZING.contains(kind)) {
        assertEquals(golden.text(), tokenizer.decode(ids));
      }
    }
  }

  private Tokenizer tokenizer(String kind) throws IOException {
    return switch (kind) {
      case "unigram" -> TinyUnigramVocabulary.tokenizer(folder, UnaryOperator.identity());
      case "wordpiece" -> TinyWordPieceVocabulary.tokenizer(folder, UnaryOperator.identity());
      case "wordpiece-cased" ->
          TinyWordPieceVocabulary.tokenizer(folder, TinyWordPieceVocabulary::cased);
      default -> TinyByteVocabulary.tokenizer(folder, kind, UnaryOperator.identity());
    };
  }
}
