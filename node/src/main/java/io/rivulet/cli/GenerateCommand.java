package io.rivulet.cli;

import io.rivulet.engine.BatchEngine;
import io.rivulet.engine.EngineOptions;
import io.rivulet.engine.GeneratedToken;
import io.rivulet.engine.GenerationListener;
import io.rivulet.engine.GenerationResult;
import io.rivulet.engine.GenerationTask;
import io.rivulet.model.LoadedModel;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.Input;
import io.rivulet.stream.Translation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Generates text in this process, without Kafka. */
@Command(
    name = "generate",
    description = "Continues a prompt in this process, without Kafka.",
    mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {

  @Mixin private ModelOptions model;
  @Mixin private CacheOptions cache;
  @Mixin private AuditOption audit;
  @Mixin private GenerationOptions generation;

  @Option(
      names = "--json",
      description =
          "Print one object: text, token_ids, logprobs, finish_reason, sparsity, density,"
              + " predicted_density, recall, layer_density.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    // What the engine logs as it works would stand in the middle of the answer.
    System.setProperty("org.slf4j.simpleLogger.log.io.rivulet", "warn");
    return Termination.during(termination -> generate());
  }

  private int generate() throws Exception {
    GenerationRequest request = generation.request(Optional.empty());
    var output = new Output(request.input(), !json);
    try (LoadedModel loaded = model.open();
        BatchEngine engine =
            BatchEngine.start(
                loaded,
                cache.in(
                    EngineOptions.DEFAULT
                        .withThreads(model.threads())
                        .withBatchSize(1)
                        .withAudits(audit.options())))) {
      GenerationTask task = generation.task(request, ProfileOption.defaultMode(loaded));
      engine.submit(task, output);
      GenerationResult result = output.finished.get();
      if (result.error().isPresent()) {
        throw new CommandFailedException(result.error().get());
      }
      if (json) {
        Json.print(output.members(task, result));
      } else {
        System.out.println();
      }
      return 0;
    }
  }

  /** Collects what is generated, and shows it as it comes if asked to. */
  private static final class Output implements GenerationListener {

    private final Input input;
    private final boolean echo;
    private final StringBuilder text = new StringBuilder();
    private final List<Integer> tokenIds = new ArrayList<>();
    private final List<Map<String, Object>> logprobs = new ArrayList<>();
    private final CompletableFuture<GenerationResult> finished = new CompletableFuture<>();

    Output(Input input, boolean echo) {
      this.input = input;
      this.echo = echo;
    }

    @Override
    public void onToken(GeneratedToken token) {
      if (tokenIds.isEmpty() && input instanceof Input.Text(String prompt)) {
        echo(prompt);
      }
      tokenIds.add(token.tokenId());
      token
          .logProbabilities()
          .map(Translation::logprobs)
          .map(LogprobsOptions::members)
          .ifPresent(logprobs::add);
      append(token.text());
    }

    @Override
    public void onFinish(GenerationResult result) {
      append(result.tail());
      finished.complete(result);
    }

    private void append(String piece) {
      text.append(piece);
      echo(piece);
    }

    private void echo(String piece) {
      if (echo) {
        System.out.print(piece);
        System.out.flush();
      }
    }

    Map<String, Object> members(GenerationTask task, GenerationResult result) {
      var members = new LinkedHashMap<String, Object>();
      members.put("text", text.toString());
      members.put("token_ids", tokenIds);
      if (!logprobs.isEmpty()) {
        members.put("logprobs", logprobs);
      }
      members.put("finish_reason", Names.of(result.finishReason()));
      members.put("sparsity", Names.of(task.sparsity()));
      DensityChart.addTo(members, Translation.sparsity(result));
      return members;
    }
  }
}
