package io.rivulet.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code src/test/reference/record.py} recorded for a small random model: an independent
 * implementation's numbers.
 *
 * @param tokens the prompt
 * @param logits scores of the next token after each of them: tokens x vocabulary
 * @param density share of neurons that are not zero: layers x tokens
 */
public record Reference(List<Integer> tokens, List<List<Float>> logits, List<List<Float>> density) {

  private static final JsonMapper JSON = new JsonMapper();

  /** The file of a recorded model. */
  public static Path model(String name) {
    return resource(name + ".gguf");
  }

  /** A file or folder among the recordings. */
  static Path resource(String name) {
    try {
      return Path.of(Reference.class.getResource("/reference/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(name, e);
    }
  }

  /** What was recorded for it. */
  public static Reference of(String name) {
    try (InputStream in = Reference.class.getResourceAsStream("/reference/" + name + ".json")) {
      return JSON.readValue(in, Reference.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
