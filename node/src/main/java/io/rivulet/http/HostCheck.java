package io.rivulet.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * For a server that only this machine can reach: refuses calls under other names. A page of
 * somebody else's whose name is made to lead here would count as ours to the browser (DNS
 * rebinding), but it comes under that name.
 */
final class HostCheck implements CallCheck {

  private static final Pattern LOCAL =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[?::1]?", Pattern.CASE_INSENSITIVE);

  private static final ApiError REFUSAL =
      new ApiError(
          421,
          "Host",
          "this server is for this machine alone and does not answer under that name",
          "call it localhost, or start it with --http-host and a token");

  private final String ownName;

  HostCheck(String ownName) {
    this.ownName = ownName;
  }

  @Override
  public Optional<ApiError> refusal(HttpServerRequest call) {
    HostAndPort called = call.authority();
    return called != null
            && (LOCAL.matcher(called.host()).matches() || called.host().equalsIgnoreCase(ownName))
        ? Optional.empty()
        : Optional.of(REFUSAL);
  }
}
