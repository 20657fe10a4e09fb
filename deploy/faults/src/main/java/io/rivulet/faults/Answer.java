package io.rivulet.faults;

import io.rivulet.engine.BatchEngine;
import io.rivulet.engine.EngineOptions;
import io.rivulet.engine.GeneratedToken;
import io.rivulet.engine.GenerationListener;
import io.rivulet.engine.GenerationResult;
import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.stream.Translation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What a request is answered where nothing goes wrong.
 *
 * @param finishReason as an event names it
 */
record Answer(List<Integer> tokenIds, String text, String finishReason) {

  /** Computes the answers in this process, without Kafka. */
  static List<Answer> to(List<GenerationRequest> requests, Path model, Path profile) {
    try (var loaded = LoadedModel.open(model, profile, Kernels.select());
        var engine = BatchEngine.start(loaded, EngineOptions.DEFAULT)) {
      var answers = requests.stream().map(request -> to(request, engine)).toList();
      return answers.stream().map(CompletableFuture::join).toList();
    }
  }

  private static CompletableFuture<Answer> to(GenerationRequest request, BatchEngine engine) {
    var answer = new CompletableFuture<Answer>();
    var ids = new ArrayList<Integer>();
    var text = new StringBuilder();
    var task =
        Translation.task(
            "", Instant.EPOCH, request, request.maxTokens().orElseThrow(), SparsityMode.EXACT);
    var _ =
        engine.submit(
            task,
            new GenerationListener() {
              @Override
              public void onToken(GeneratedToken token) {
                ids.add(token.tokenId());
                text.append(token.text());
              }

              @Override
              public void onFinish(GenerationResult result) {
                answer.complete(
                    new Answer(
                        List.copyOf(ids),
                        text.append(result.tail()).toString(),
                        result.finishReason().name()));
              }
            });
    return answer;
  }
}
