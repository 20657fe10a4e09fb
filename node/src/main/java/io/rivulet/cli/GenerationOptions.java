package io.rivulet.cli;

import io.rivulet.engine.GenerationTask;
import io.rivulet.model.SparsityMode;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.GenerationRequestBuilder;
import io.rivulet.protocol.Sparsity;
import io.rivulet.stream.Translation;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What to generate, and how; the same options mean the same text with and without Kafka. */
final class GenerationOptions {

  @Mixin private InputOptions input;

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "Tokens to generate at most (default: ${DEFAULT-VALUE}).")
  private int maxTokens = 120;

  @Mixin private SamplingOptions sampling;
  @Mixin private StopOptions stop;
  @Mixin private LogprobsOptions logprobs;

  @Option(
      names = "--sparsity",
      paramLabel = "MODE",
      description = "${COMPLETION-CANDIDATES}. Default: what the node says.")
  private Optional<Sparsity> sparsity = Optional.empty();

  /** For a node; asks for a prompt where none was given. */
  GenerationRequest request(Optional<String> id) {
    var request = builder();
    sparsity.ifPresent(request::sparsity);
    id.ifPresent(request::id);
    return request.build();
  }

  /**
   * The same without an id.
   *
   * @param mode asked for one once the prompt is there, if none was given
   */
  GenerationRequest request(Supplier<Sparsity> mode) {
    var request = builder();
    return request.sparsity(sparsity.orElseGet(mode)).build();
  }

  private GenerationRequestBuilder builder() {
    var request = input.request().maxTokens(maxTokens);
    sampling.addTo(request);
    stop.addTo(request);
    logprobs.addTo(request);
    return request;
  }

  /** The same for the engine in this process. */
  GenerationTask task(GenerationRequest request, SparsityMode defaultSparsity) {
    return Translation.task("generate", Instant.now(), request, maxTokens, defaultSparsity);
  }
}
