package io.rivulet.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Why a call is refused.
 *
 * @param status of HTTP
 * @param field what in the call is to blame: a field of its body, a header, its path
 * @param reason what is wrong with it
 * @param mend what to do about it
 */
record ApiError(int status, String field, String reason, String mend) {

  private static final Logger log = LoggerFactory.getLogger(ApiError.class);

  static final ApiError NOTHING_THERE =
      new ApiError(404, "path", "there is nothing at this path", "see the README for what is");

  /** Of a failure that is ours, which the log tells about. */
  static ApiError failed(Throwable failure) {
    log.error("a call failed", failure);
    return new ApiError(500, "server", "it failed", "see its log");
  }

  String toJson() {
    var json = JsonNodeFactory.instance.objectNode();
    json.putObject("error").put("field", field).put("reason", reason).put("mend", mend);
    return json.toString();
  }

  /** Answers with it, unless the answer has begun. */
  void send(HttpServerResponse response) {
    if (!response.ended() && !response.headWritten()) {
      if (status == 401) {
        response.putHeader("WWW-Authenticate", "Bearer realm=\"rivulet\"");
      }
      var _ =
          response
              .setStatusCode(status)
              .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
              .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
              .end(toJson());
    }
  }
}
