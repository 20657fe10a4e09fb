package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever happened to a vocabulary, it tokenizes or is refused; nothing else comes out. */
class VocabularyDamageTest {

  private static final int FLIPS = 1500;

  @TempDir Path folder;

  @Test
  void readsOrRefusesSentencePieceWithWrongBytes() throws IOException {
    damage(TinyVocabulary.writer());
  }

  @Test
  void readsOrRefusesByteLevelWithWrongBytes() throws IOException {
    damage(TinyByteVocabulary.writer("llama-bpe"));
  }

  @Test
  void readsOrRefusesUnigramWithWrongBytes() throws IOException {
    damage(TinyUnigramVocabulary.writer());
  }

  @Test
  void readsOrRefusesWordPieceWithWrongBytes() throws IOException {
    damage(TinyWordPieceVocabulary.writer());
  }

  private void damage(GgufWriter writer) throws IOException {
    Path path = folder.resolve("tiny.gguf");
    writer.write(path);
    byte[] sound = Files.readAllBytes(path);
    var random = new SplittableRandom(21);
    int refused = 0;
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
      for (int i = 0; i < FLIPS; i++) {
        byte[] damaged = sound.clone();
        for (int flips = random.nextInt(1, 6); flips > 0; flips--) {
          damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        channel.write(ByteBuffer.wrap(damaged), 0);
        refused += tokenizes(path) ? 0 : 1;
      }
    }
    assertTrue(refused > FLIPS / 10 && refused < FLIPS, refused + " refused");
  }

  private static boolean tokenizes(Path path) {
    try (GgufFile file = GgufFile.open(path)) {
      Tokenizer tokenizer = Tokenizers.from(file);
      tokenizer.encodeWithControls("the world \ufb01<|begin|>");
      tokenizer.decode(tokenizer.encode("the world ::\u65e5\u672c\u20ac <|user|>"));
      return true;
    } catch (ModelFileException e) {
      assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
      return false;
    }
  }
}
