package io.rivulet.http;

import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;

/** A reason to refuse calls. */
@FunctionalInterface
interface CallCheck {

  /** Why the call is refused; empty where it is not. */
  Optional<ApiError> refusal(HttpServerRequest call);
}
