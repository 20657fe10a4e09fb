package io.rivulet.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Consumer;

/** Reads a call's body up to a number of bytes, and no further. */
final class CallBody {

  private static final ApiError TOO_LARGE =
      new ApiError(413, "body", "the body is too large", "shorten the prompt, or use Kafka");

  private CallBody() {}

  static void read(HttpServerRequest call, int mostBytes, Consumer<Buffer> then) {
    Buffer body = Buffer.buffer();
    call.handler(
        part -> {
          if (body.length() + part.length() <= mostBytes) {
            body.appendBuffer(part);
          } else if (!call.response().ended()) {
            // What else comes is not read: the connection ends with the answer.
            call.response().putHeader("Connection", "close");
            TOO_LARGE.send(call.response());
          }
        });
    call.endHandler(
        ended -> {
          if (!call.response().ended()) {
            then.accept(body);
          }
        });
  }
}
