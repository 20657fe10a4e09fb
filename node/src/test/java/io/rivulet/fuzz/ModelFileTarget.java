package io.rivulet.fuzz;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.chat.ChatMessage;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Opens a GGUF file as a model: header, sizes, tokenizer, tensors. */
public final class ModelFileTarget {

  private static final Kernels KERNELS = Kernels.select();

  private ModelFileTarget() {}

  /** Called by Jazzer with what it made up. */
  public static void fuzzerTestOneInput(byte[] data) throws IOException {
    Path file = Scratch.write("model.gguf", data);
    try (var model = LoadedModel.open(file, KERNELS)) {
      model.tokenizer().decode(model.tokenizer().encode("Hello, world"));
      model
          .chatTemplate()
          .ifPresent(
              template ->
                  template.render(List.of(new ChatMessage("user", "Hello")), Instant.EPOCH));
    } catch (ModelFileException | IllegalArgumentException e) {
      Scratch.requireOneLine(e);
    } finally {
      Files.delete(file);
    }
  }
}
