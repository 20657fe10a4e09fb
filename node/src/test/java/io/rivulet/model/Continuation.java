package io.rivulet.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code src/test/reference/record.py} recorded of a small random model's continuation of a
 * prompt: an independent implementation's numbers.
 *
 * @param prompt tokens that are given
 * @param tokens the most likely ones after them, one by one
 * @param logprobs the logarithm of the probability of each
 * @param topIds the most likely tokens at each place, the best first
 * @param topLogits their scores
 * @param active neurons that are not zero in each layer where the last of the tokens is chosen
 */
record Continuation(
    List<Integer> prompt,
    List<Integer> tokens,
    List<Double> logprobs,
    List<List<Integer>> topIds,
    List<List<Double>> topLogits,
    List<Integer> active) {

  private static final JsonMapper JSON = new JsonMapper();

  /** The models of a folder beside the recordings, by file name. */
  static List<Path> models(String folder) throws IOException {
    try (Stream<Path> files = Files.list(Reference.resource(folder))) {
      return files.filter(file -> file.toString().endsWith(".gguf")).sorted().toList();
    }
  }

  /** What was recorded for a model. */
  static Continuation of(Path model) {
    String recording = model.getFileName().toString().replace(".gguf", ".json");
    return JSON.readValue(model.resolveSibling(recording).toFile(), Continuation.class);
  }
}
