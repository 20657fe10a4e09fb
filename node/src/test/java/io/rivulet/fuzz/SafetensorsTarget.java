package io.rivulet.fuzz;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Opens a Hugging Face directory as a model: config.json and tokenizer.json, each up to a byte of
 * zero, and the rest as model.safetensors.
 */
public final class SafetensorsTarget {

  private static final Kernels KERNELS = Kernels.select();

  private SafetensorsTarget() {}

  /** Called by Jazzer with what it made up. */
  public static void fuzzerTestOneInput(byte[] data) throws IOException {
    int config = zero(data, 0);
    int tokenizer = zero(data, Math.min(config + 1, data.length));
    int tensors = Math.min(tokenizer + 1, data.length);
    Path folder = Scratch.write("config.json", Arrays.copyOf(data, config)).getParent();
    int from = Math.min(config + 1, tokenizer);
    Scratch.write("tokenizer.json", Arrays.copyOfRange(data, from, tokenizer));
    Scratch.write("model.safetensors", Arrays.copyOfRange(data, tensors, data.length));
    try (var model = LoadedModel.open(folder, KERNELS)) {
      model.tokenizer().decode(model.tokenizer().encode("Hello, world"));
    } catch (ModelFileException e) {
      Scratch.requireOneLine(e);
    } finally {
      Files.delete(folder.resolve("model.safetensors"));
    }
  }

  private static int zero(byte[] data, int from) {
    int at = from;
    while (at < data.length && data[at] != 0) {
      at++;
    }
    return at;
  }
}
