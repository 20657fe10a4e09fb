package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Byte-level BPE with every pre-tokenizer, and unigram, against llama.cpp. */
class KindsTest {

  private static final String UNIGRAM = "unigram";

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

  private void check(String kind, List<GoldenIds> cases) throws IOException {
    Tokenizer tokenizer =
        kind.equals(UNIGRAM)
            ? TinyUnigramVocabulary.tokenizer(folder, UnaryOperator.identity())
            : TinyByteVocabulary.tokenizer(folder, kind, UnaryOperator.identity());
    for (GoldenIds golden : cases) {
      int[] ids =
          golden.controls()
              ? tokenizer.encodeWithControls(golden.text())
              : tokenizer.encode(golden.text());
      assertArrayEquals(golden.ids(), ids, golden.text());
      if (!golden.controls() && !kind.equals(UNIGRAM)) {
        assertEquals(golden.text(), tokenizer.decode(ids));
      }
    }
  }
}
