package io.rivulet.fuzz;

import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.tokenizer.Tokenizer;
import io.rivulet.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes a tokenizer of a GGUF file's keys, and encodes and decodes with it the file's name. */
public final class TokenizerTarget {

  private TokenizerTarget() {}

  /** Called by Jazzer with what it made up. */
  public static void fuzzerTestOneInput(byte[] data) throws IOException {
    Path file = Scratch.write("tokenizer.gguf", data);
    try (GgufFile opened = GgufFile.open(file)) {
      String text = opened.metadata().text("general.name", "a b\n");
      Tokenizer tokenizer = Tokenizers.from(opened);
      int[] ids = tokenizer.encode(text);
      tokenizer.decode(ids);
      tokenizer.decode(tokenizer.encodeWithControls(text));
      for (int id : ids) {
        tokenizer.bytes(id);
        tokenizer.endsGeneration(id);
      }
    } catch (ModelFileException e) {
      Scratch.requireOneLine(e);
    } finally {
      Files.delete(file);
    }
  }
}
