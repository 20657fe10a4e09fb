package io.rivulet.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.net.URI;
import java.util.Optional;

/**
 * Refuses what a browser sends on behalf of another site's page. Programs that are no browsers say
 * nothing of an origin and pass.
 */
final class SameOrigin implements CallCheck {

  private static final ApiError REFUSAL =
      new ApiError(
          403,
          "Origin",
          "a page of another site may not call this",
          "call it from its own page, or from a program with the token as bearer");

  @Override
  public Optional<ApiError> refusal(HttpServerRequest call) {
    return isOurs(call) ? Optional.empty() : Optional.of(REFUSAL);
  }

  private static boolean isOurs(HttpServerRequest request) {
    // Browsers send it over TLS and to this machine; a page cannot forge it.
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null) {
      return site.equals("same-origin") || site.equals("none");
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin == null || isFrom(origin, request.authority());
  }

  private static boolean isFrom(String origin, HostAndPort called) {
    try {
      // Without schemes: TLS may end before this server.
      String authority = URI.create(origin).getRawAuthority();
      return called != null && called.toString().equalsIgnoreCase(authority);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
