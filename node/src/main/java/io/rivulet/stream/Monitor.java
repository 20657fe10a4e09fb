package io.rivulet.stream;

import io.rivulet.metrics.NodeMetrics;
import io.rivulet.metrics.Operation;
import io.rivulet.metrics.Outcome;
import io.rivulet.protocol.Input;
import io.rivulet.tracing.RequestTrace;
import io.rivulet.tracing.RequestTracer;
import io.rivulet.tracing.TracedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Has metrics and traces tell of each attempt, once it is over. Thread-safe. */
final class Monitor {

  private final NodeMetrics metrics;
  private final RequestTracer tracer;
  private final String model;

  Monitor(NodeMetrics metrics, RequestTracer tracer, String model) {
    this.metrics = metrics;
    this.tracer = tracer;
    this.model = model;
  }

  /**
   * An attempt begins.
   *
   * @param prompt absent where it could not be read
   */
  void watch(Attempt attempt, ConsumerRecord<?, ?> record, Optional<Prompt> prompt) {
    if (attempt.number() > 1) {
      metrics.intake().redelivered();
    }
    Optional<RequestTrace> trace = prompt.flatMap(each -> trace(attempt, record, each));
    trace.ifPresent(attempt::traced);
    var told = new AtomicBoolean();
    attempt.whenPublished(
        () -> {
          if (told.compareAndSet(false, true)) {
            tell(attempt, attempt.ending(), prompt, trace);
          }
        });
    attempt.whenSettled(
        () -> {
          if (told.compareAndSet(false, true)) {
            tell(attempt, Ending.HANDED_BACK, prompt, trace);
          }
        });
  }

  private Optional<RequestTrace> trace(
      Attempt attempt, ConsumerRecord<?, ?> record, Prompt prompt) {
    var place = new TracedRequest.Place(record.topic(), record.partition(), record.offset());
    var request =
        new TracedRequest(
            prompt.id(),
            operation(prompt).text(),
            prompt.request(),
            model,
            place,
            attempt.number());
    return tracer.begin(request, attempt.taken(), record.headers());
  }

  private void tell(
      Attempt attempt, Ending ending, Optional<Prompt> prompt, Optional<RequestTrace> trace) {
    Outcome outcome = ending.outcome();
    metrics.intake().ended(outcome);
    if (outcome != Outcome.HANDED_BACK && outcome != Outcome.ANSWERED_BEFORE) {
      prompt.ifPresent(each -> tell(attempt, ending, operation(each)));
    }
    trace.ifPresent(each -> each.end(outcome.text(), outcome.errorType(), ending.result()));
  }

  private void tell(Attempt attempt, Ending ending, Operation operation) {
    Duration duration = Duration.between(attempt.taken(), Instant.now());
    metrics.requests().ended(operation, ending.outcome(), duration);
    ending
        .result()
        .ifPresent(
            result ->
                metrics
                    .requests()
                    .generated(operation, result, attempt.earlier().tokenIds().size()));
  }

  private static Operation operation(Prompt prompt) {
    return switch (prompt.request().input()) {
      case Input.Text _ -> Operation.TEXT_COMPLETION;
      case Input.Chat _ -> Operation.CHAT;
    };
  }
}
