package io.rivulet.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a generation ended.
 *
 * @param tail text that waited for more which never came: the beginning of a stop string, and bytes
 *     of a character, replaced as UTF-8 decoders do; mostly empty
 * @param promptTokens tokens of the prompt, the beginning-of-sequence token included
 * @param reusedTokens those of them whose keys and values were in the cache
 * @param generatedTokens tokens of the answer, those that the task continues included
 * @param layers how many neurons the generated tokens took, by layer; empty where the answer that
 *     the task continues was complete, so that nothing was computed
 * @param queued time from submission to the first prefill step
 * @param prefill time from there to the first token
 * @param decode time from the first token to the last
 * @param error what went wrong, present with {@link FinishReason#ERROR} alone
 */
public record GenerationResult(
    FinishReason finishReason,
    String tail,
    int promptTokens,
    int reusedTokens,
    int generatedTokens,
    List<NeuronActivity> layers,
    Duration queued,
    Duration prefill,
    Duration decode,
    Optional<String> error) {

  public GenerationResult {
    layers = List.copyOf(layers);
  }

  /** All layers together. */
  public NeuronActivity activity() {
    return NeuronActivity.sum(layers);
  }

  /** For each layer, the mean share of neurons read; 1 where nothing was generated. */
  public List<Double> layerDensity() {
    return layers.stream().map(NeuronActivity::density).toList();
  }

  /** The mean of {@link #layerDensity()}. */
  public double density() {
    return activity().density();
  }
}
