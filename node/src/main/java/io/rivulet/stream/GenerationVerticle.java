package io.rivulet.stream;

import io.rivulet.engine.Engine;
import io.rivulet.engine.GeneratedToken;
import io.rivulet.engine.GenerationListener;
import io.rivulet.engine.GenerationResult;
import io.rivulet.engine.GenerationTask;
import io.rivulet.protocol.Completion;
import io.rivulet.protocol.DeadLetter;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.Timings;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Usage;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Turns prompts into tasks of the engine, and what the engine says into events. */
final class GenerationVerticle extends VerticleBase {

  private final NodeOptions options;
  private final Engine engine;
  private final Publisher publisher;
  private final TelemetryVerticle telemetry;
  private final DeadLetters deadLetters;
  private final Unacknowledged unacknowledged;
  private final EventRecords events;

  GenerationVerticle(
      NodeOptions options,
      Engine engine,
      Publisher publisher,
      TelemetryVerticle telemetry,
      DeadLetters deadLetters,
      Unacknowledged unacknowledged) {
    this.options = options;
    this.engine = engine;
    this.publisher = publisher;
    this.telemetry = telemetry;
    this.deadLetters = deadLetters;
    this.unacknowledged = unacknowledged;
    this.events = new EventRecords(options);
  }

  /**
   * Begins to generate after what earlier attempts published; the attempt is published when that
   * has come to its end.
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
    if (left.filter(time -> !time.isPositive()).isPresent()) {
      attempt.end(FinishReason.DEADLINE);
    }
    Optional<FinishReason> asked = attempt.askedToEnd();
    if (asked.isPresent()) {
      attempt.endsWith(Ending.of(asked.get(), Optional.empty()));
      end(attempt, attempt.earlier().tokenIds().size(), "", notBegun(prompt, attempt, asked.get()));
      return;
    }
    GenerationTask task =
        Translation.task(
                prompt.id(),
                prompt.sent(),
                request,
                options.defaultMaxTokens(),
                options.defaultSparsity())
            .withContinued(attempt.earlier().tokenIds());
    attempt.submitting();
    attempt.begun(engine.submit(task, new Listener(prompt, attempt)));
    left.ifPresent(time -> endAtDeadline(attempt, time));
  }

  /** Publishes that the prompt is refused: the dead letter, and the end where there is an id. */
  void refuse(Attempt attempt, ConsumerRecord<byte[], byte[]> record, DeadLetter letter) {
    deadLetters.write(
        attempt,
        Origin.forget(letter.record(record, options.topics().deadLetters())),
        () -> endRefused(attempt, letter));
  }

  private void endRefused(Attempt attempt, DeadLetter letter) {
    attempt.endsWith(Ending.REFUSED);
    int index = attempt.earlier().tokenIds().size();
    var records = new ArrayList<ProducerRecord<byte[], byte[]>>();
    if (!attempt.id().isEmpty()) {
      records.add(events.end(attempt, index, "", Completion.refused(letter.message())));
    }
    telemetry.finished(FinishReason.ERROR);
    publishLast(attempt, records, index);
  }

  /**
   * Sends the prompt to the end of its partition again, and is done with this record of it: what is
   * published stays, and the next attempt goes on after it.
   */
  void sendAgain(Attempt attempt, Delivery delivery, Strikes strikes) {
    int tokens = attempt.earlier().tokenIds().size();
    attempt.endsWith(Ending.HANDED_BACK);
    deadLetters.sendAgain(
        attempt,
        attempt.origin().again(delivery, strikes),
        () -> publishLast(attempt, List.of(), tokens));
  }

  /** The answer is published already, all of so many tokens and its end. */
  void acknowledge(Attempt attempt, int tokens) {
    attempt.endsWith(Ending.ANSWERED_BEFORE);
    publishLast(attempt, List.of(), tokens);
  }

  private void endAtDeadline(Attempt attempt, Duration left) {
    long timer =
        vertx.setTimer(Math.max(1, left.toMillis()), passed -> attempt.end(FinishReason.DEADLINE));
    attempt.whenDone(() -> vertx.cancelTimer(timer));
  }

  private void end(Attempt attempt, int index, String tail, Completion completion) {
    telemetry.finished(completion.finishReason());
    publishLast(attempt, List.of(events.end(attempt, index, tail, completion)), index);
  }

  private void publishLast(
      Attempt attempt, List<ProducerRecord<byte[], byte[]>> records, int tokens) {
    unacknowledged.add(attempt);
    publisher.publish(new Publication(attempt, records, tokens, true));
  }

  private static Completion notBegun(Prompt prompt, Attempt attempt, FinishReason reason) {
    return new Completion(
        reason,
        Optional.of(new Usage(0, 0, attempt.earlier().tokenIds().size()))
            .filter(usage -> prompt.request().includeUsage()),
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
      this.next = attempt.earlier().tokenIds().size();
    }

    @Override
    public void onToken(GeneratedToken token) {
      next = token.index() + 1;
      var event =
          new TokenEvent(
              attempt.id(),
              attempt.number(),
              token.index(),
              List.of(token.tokenId()),
              token.text(),
              token.logProbabilities().map(Translation::logprobs),
              Optional.of(token.density()),
              options.nodeId(),
              Optional.empty());
      publisher.publish(new Publication(attempt, List.of(events.of(attempt, event)), next, false));
    }

    @Override
    public void onFinish(GenerationResult result) {
      if (attempt.abandoned()) {
        return;
      }
      Optional<FinishReason> reason = reason(result);
      if (reason.isEmpty()) {
        attempt.fail(new CancellationException("the engine was closed"));
        return;
      }
      attempt.endsWith(Ending.of(reason.get(), Optional.of(result)));
      end(attempt, next, result.tail(), completion(reason.get(), result));
    }

    /** Absent where nobody asked to cancel: the engine closes, and others shall take the prompt. */
    private Optional<FinishReason> reason(GenerationResult result) {
      return switch (result.finishReason()) {
        case STOP -> Optional.of(FinishReason.STOP);
        case LENGTH -> Optional.of(FinishReason.LENGTH);
        case CANCELLED -> attempt.askedToEnd();
        case ERROR -> Optional.of(FinishReason.ERROR);
      };
    }

    private Completion completion(FinishReason reason, GenerationResult result) {
      return new Completion(
          reason,
          Optional.of(
                  new Usage(result.promptTokens(), result.reusedTokens(), result.generatedTokens()))
              .filter(usage -> prompt.request().includeUsage()),
          Optional.of(result)
              .filter(each -> each.generatedTokens() > 0 && !each.layers().isEmpty())
              .map(Translation::sparsity),
          new Timings(result.queued(), result.prefill(), result.decode()),
          reason == FinishReason.ERROR
              ? Optional.of(result.error().orElse("the engine failed"))
              : Optional.empty());
    }
  }
}
