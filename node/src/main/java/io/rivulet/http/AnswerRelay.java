package io.rivulet.http;

import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.TokenStream;
import io.rivulet.protocol.TokenStreamException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One answer on its way from the tokens topic to who asked over HTTP. It waits on a virtual thread
 * of its own and writes on the server's. When the caller goes, the request is cancelled.
 */
final class AnswerRelay {

  private static final Logger log = LoggerFactory.getLogger(AnswerRelay.class);

  /** How long a caller may take to read what is written before it counts as gone. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Prompting prompting;
  private final GenerationRequest request;
  private final HttpServerResponse response;
  private final Vertx vertx;
  private final Context context;
  private final AtomicReference<Optional<TokenStream>> stream =
      new AtomicReference<>(Optional.empty());
  private final Promise<Void> ended = Promise.promise();
  private volatile boolean callerGone;

  AnswerRelay(
      Prompting prompting, GenerationRequest request, HttpServerResponse response, Vertx vertx) {
    this.prompting = prompting;
    this.request = request;
    this.response = response;
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
  }

  /** Starts; the result is complete when the answer has ended in whatever way. */
  Future<Void> start() {
    long heartbeats =
        vertx.setPeriodic(
            EventStream.HEARTBEAT.toMillis(),
            timer -> {
              if (response.headWritten() && !response.writeQueueFull()) {
                EventStream.heartbeat(response);
              }
            });
    response.closeHandler(closed -> leave());
    response.exceptionHandler(failure -> leave());
    Thread.ofVirtual().name("answer-" + request.id().orElseThrow()).start(this::run);
    return ended.future().onComplete(end -> vertx.cancelTimer(heartbeats));
  }

  private void leave() {
    if (!ended.future().isComplete() && !callerGone) {
      callerGone = true;
      Thread.ofVirtual().start(() -> stream.get().ifPresent(AnswerRelay::cancel));
    }
  }

  private static void cancel(TokenStream stream) {
    try (stream) {
      stream.cancel();
    } catch (KafkaUnavailableException | IllegalStateException e) {
      log.warn("request {} goes on: {}", stream.id(), e.getMessage());
    }
  }

  private void run() {
    try (TokenStream tokens = prompting.client().submit(request)) {
      stream.set(Optional.of(tokens));
      if (callerGone || !relay(tokens)) {
        cancel(tokens);
      }
    } catch (KafkaUnavailableException | TokenStreamException | IllegalStateException e) {
      fail(e.getMessage());
    } finally {
      context.runOnContext(done -> ended.tryComplete());
    }
  }

  /** Returns whether the caller was there to the end. */
  private boolean relay(TokenStream tokens) {
    context.runOnContext(
        sent -> {
          EventStream.begin(response);
          var _ = response.write(EventStream.event("accepted", "{\"id\":\"" + tokens.id() + "\"}"));
        });
    boolean terminal = false;
    while (!terminal) {
      TokenEvent event = tokens.next();
      terminal = event.terminal();
      if (!write(EventStream.event("token", OptionalLong.empty(), event.toJson()))) {
        context.runOnContext(dropped -> response.reset());
        return false;
      }
    }
    context.runOnContext(done -> response.end());
    return true;
  }

  /** Writes, and waits where the caller is slow; returns whether it is still there. */
  private boolean write(Buffer event) {
    var taken = Promise.<Void>promise();
    context.runOnContext(
        handedOver -> {
          Future<Void> written = response.write(event);
          if (response.writeQueueFull()) {
            written.onComplete(taken);
          } else {
            taken.complete();
          }
        });
    try {
      taken
          .future()
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      log.info("request {}: the caller reads no more", request.id().orElseThrow());
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void fail(String reason) {
    context.runOnContext(
        failed -> {
          if (callerGone) {
            return;
          }
          var error =
              new ApiError(503, "node", reason, "see /health/ready, and try again in a while");
          if (response.headWritten()) {
            var _ = response.end(EventStream.event("error", error.toJson()));
          } else {
            error.send(response);
          }
        });
  }
}
