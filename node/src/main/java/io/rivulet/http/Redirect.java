package io.rivulet.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/** Sends a browser to another of our pages, which it is to GET. */
final class Redirect {

  private Redirect() {}

  static void to(String path, HttpServerResponse response) {
    var _ =
        response
            .setStatusCode(303)
            .putHeader(HttpHeaders.LOCATION, path)
            .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
            .end();
  }
}
