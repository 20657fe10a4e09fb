package io.rivulet.tracing;

import static io.opentelemetry.api.common.AttributeKey.stringArrayKey;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.rivulet.engine.GenerationResult;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** A generation's span, from its taking to its end. Thread-safe. */
public final class RequestTrace {

  private static final String NO_ERROR = "none";

  private final Tracer tracer;
  private final Span span;
  private volatile Optional<Instant> submitted = Optional.empty();

  RequestTrace(Tracer tracer, Span span) {
    this.tracer = tracer;
    this.span = span;
  }

  /** The span as trace context, for the headers of what is published. */
  public Headers headers() {
    var headers = new RecordHeaders();
    W3CTraceContextPropagator.getInstance()
        .inject(Context.root().with(span), headers, KafkaHeaders.SETTER);
    return headers;
  }

  /** The engine has it from now on. */
  public void submitted() {
    submitted = Optional.of(Instant.now());
  }

  /**
   * Ends the span.
   *
   * @param outcome what became of it
   * @param errorType {@code none} where it is no error
   * @param result what was generated; absent where nothing was
   */
  public void end(String outcome, String errorType, Optional<GenerationResult> result) {
    result.ifPresent(this::describe);
    span.setAttribute(stringArrayKey("gen_ai.response.finish_reasons"), List.of(outcome));
    if (!errorType.equals(NO_ERROR)) {
      span.setAttribute("error.type", errorType);
      span.setStatus(StatusCode.ERROR, result.flatMap(GenerationResult::error).orElse(outcome));
    }
    span.end();
  }

  private void describe(GenerationResult result) {
    span.setAttribute("gen_ai.usage.input_tokens", result.promptTokens());
    span.setAttribute("gen_ai.usage.cache_read.input_tokens", result.reusedTokens());
    span.setAttribute("gen_ai.usage.output_tokens", result.generatedTokens());
    if (result.generatedTokens() > 0 && !result.layers().isEmpty()) {
      span.setAttribute("rivulet.sparsity.density", result.density());
      result
          .activity()
          .audits()
          .recall()
          .ifPresent(recall -> span.setAttribute("rivulet.sparsity.recall", recall));
    }
    submitted.ifPresent(begun -> phases(begun, result));
  }

  private void phases(Instant begun, GenerationResult result) {
    Instant started = phase("queue", begun, result.queued());
    Instant answering = phase("prefill", started, result.prefill());
    phase("decode", answering, result.decode());
  }

  /** One that took no time did not take place. */
  private Instant phase(String name, Instant from, Duration time) {
    Instant to = from.plus(time);
    if (time.isPositive()) {
      tracer
          .spanBuilder(name)
          .setParent(Context.root().with(span))
          .setStartTimestamp(from)
          .startSpan()
          .end(to);
    }
    return to;
  }
}
