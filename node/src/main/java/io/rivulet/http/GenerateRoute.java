package io.rivulet.http;

import io.rivulet.protocol.GenerationRequest;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;

/** Takes prompts and streams their answers, so many at once and no more. For one thread. */
final class GenerateRoute {

  static final int MOST_ANSWERS = 16;

  private static final ApiError NOT_JSON =
      new ApiError(415, "Content-Type", "the body must be JSON", "send it as application/json");

  private static final ApiError TOO_MANY =
      new ApiError(
          429,
          "answers",
          MOST_ANSWERS + " answers are being streamed already",
          "try again when one has ended, or send the prompt by Kafka");

  private final Vertx vertx;
  private final Prompting prompting;
  private int answers;

  GenerateRoute(Vertx vertx, Prompting prompting) {
    this.vertx = vertx;
    this.prompting = prompting;
  }

  void handle(HttpServerRequest call, Buffer body) {
    String type = call.getHeader(HttpHeaders.CONTENT_TYPE);
    // Nothing that a form of another site's page could send.
    if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
      throw new CallRefusedException(NOT_JSON);
    }
    GenerationRequest request = PromptReader.read(body.getBytes());
    if (answers >= MOST_ANSWERS) {
      call.response().putHeader("Retry-After", "5");
      throw new CallRefusedException(TOO_MANY);
    }
    answers++;
    new AnswerRelay(prompting, request, call.response(), vertx)
        .start()
        .onComplete(ended -> answers--);
  }
}
