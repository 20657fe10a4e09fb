package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.rivulet.model.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The vocabulary of the model that ships. */
class ShippedVocabularyTest {

  private static final Path MODEL = Path.of("..", "deploy", "model", "rivulet-tiny.gguf");

  private Tokenizer tokenizer;

  @BeforeEach
  void reads() {
    try (GgufFile file = GgufFile.open(MODEL)) {
      tokenizer = Tokenizers.from(file);
    }
  }

  @Test
  void givesTheIdsOfLlamaCpp() throws IOException {
    for (GoldenIds golden : GoldenIds.read("shipped-vocabulary.jsonl")) {
      assertArrayEquals(golden.ids(), tokenizer.encode(golden.text()), golden.text());
    }
  }

  @Test
  void textComesBackExactly() throws IOException {
    for (GoldenIds golden : GoldenIds.read("shipped-vocabulary.jsonl")) {
      String text = golden.text().replace('\u2581', ' ');
      assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
    }
  }
}
