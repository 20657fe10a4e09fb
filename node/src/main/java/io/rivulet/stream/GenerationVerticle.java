package io.rivulet.stream;

import io.rivulet.engine.Engine;
import io.rivulet.engine.GeneratedToken;
import io.rivulet.engine.GenerationListener;
import io.rivulet.engine.GenerationResult;
import io.rivulet.protocol.Completion;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.Timings;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Usage;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/** Turns prompts into tasks of the engine, and what the engine says into events. */
final class GenerationVerticle extends VerticleBase {

  private final NodeOptions options;
  private final Engine engine;
  private final PublishVerticle publisher;
  private final TelemetryVerticle telemetry;

  GenerationVerticle(
      NodeOptions options, Engine engine, PublishVerticle publisher, TelemetryVerticle telemetry) {
    this.options = options;
    this.engine = engine;
    this.publisher = publisher;
    this.telemetry = telemetry;
  }

  /**
   * Begins to generate; the attempt is published when that has come to its end.
   *
   * @throws IllegalArgumentException when the prompt cannot be served; the message says why
   */
  void begin(Prompt prompt, Attempt attempt) {
    GenerationRequest request = prompt.request();
    request
        .model()
        .filter(model -> !model.equals(options.model()))
        .ifPresent(
            model -> {
              throw new IllegalArgumentException(
                  "model '" + model + "' is not served here: this node has " + options.model());
            });
    Optional<Duration> left =
        request.deadline().map(deadline -> Duration.between(Instant.now(), deadline));
    if (left.isPresent() && !left.get().isPositive()) {
      end(attempt, 0, "", late());
      return;
    }
    attempt.begun(
        engine.submit(
            Translation.task(
                prompt.id(),
                prompt.sent(),
                request,
                options.defaultMaxTokens(),
                options.defaultSparsity()),
            new Listener(prompt, attempt)));
    left.ifPresent(time -> endAtDeadline(attempt, time));
  }

  /** Publishes that the prompt is refused. */
  void refuse(Attempt attempt, String reason) {
    end(attempt, 0, "", Completion.refused(reason));
  }

  private void endAtDeadline(Attempt attempt, Duration left) {
    long timer = vertx.setTimer(Math.max(1, left.toMillis()), passed -> attempt.passDeadline());
    attempt.whenDone(() -> vertx.cancelTimer(timer));
  }

  private void end(Attempt attempt, int index, String tail, Completion completion) {
    publisher.token(
        attempt,
        new TokenEvent(
            attempt.id(),
            attempt.number(),
            index,
            List.of(),
            tail,
            options.nodeId(),
            Optional.of(completion)));
  }

  private static Completion late() {
    return new Completion(
        FinishReason.DEADLINE,
        Optional.of(new Usage(0, 0, 0)),
        Optional.empty(),
        Timings.NONE,
        Optional.empty());
  }

  /** Hears a generation on the engine's thread, and hands over to the publisher. */
  private final class Listener implements GenerationListener {

    private final Prompt prompt;
    private final Attempt attempt;
    private int next;

    Listener(Prompt prompt, Attempt attempt) {
      this.prompt = prompt;
      this.attempt = attempt;
    }

    @Override
    public void onToken(GeneratedToken token) {
      next = token.index() + 1;
      publisher.token(
          attempt,
          new TokenEvent(
              attempt.id(),
              attempt.number(),
              token.index(),
              List.of(token.tokenId()),
              token.text(),
              token.logProbabilities().map(Translation::logprobs),
              options.nodeId(),
              Optional.empty()));
    }

    @Override
    public void onFinish(GenerationResult result) {
      if (attempt.abandoned()) {
        return;
      }
      FinishReason reason = reason(result);
      if (reason == FinishReason.CANCELLED) {
        // Nobody asked for it, so the engine is closing: another node shall take the prompt.
        attempt.fail(new CancellationException("the engine was closed"));
        return;
      }
      end(attempt, next, result.tail(), completion(reason, result));
      telemetry.finished(attempt.id(), result);
    }

    private FinishReason reason(GenerationResult result) {
      return switch (result.finishReason()) {
        case STOP -> FinishReason.STOP;
        case LENGTH -> FinishReason.LENGTH;
        case CANCELLED -> attempt.deadlinePassed() ? FinishReason.DEADLINE : FinishReason.CANCELLED;
        case ERROR -> FinishReason.ERROR;
      };
    }

    private Completion completion(FinishReason reason, GenerationResult result) {
      return new Completion(
          reason,
          Optional.of(
                  new Usage(result.promptTokens(), result.reusedTokens(), result.generatedTokens()))
              .filter(usage -> prompt.request().includeUsage()),
          Optional.of(Translation.sparsity(result))
              .filter(sparsity -> result.generatedTokens() > 0),
          new Timings(result.queued(), result.prefill(), result.decode()),
          reason == FinishReason.ERROR
              ? Optional.of(result.error().orElse("the engine failed"))
              : Optional.empty());
    }
  }
}
