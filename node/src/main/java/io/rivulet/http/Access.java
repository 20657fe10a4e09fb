package io.rivulet.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Lets in who has what the options ask for: a certificate, and the token as bearer or by a session.
 */
final class Access {

  private static final String BEARER = "bearer ";

  private static final ApiError NO_CERTIFICATE =
      new ApiError(
          403,
          "client certificate",
          "this server asks for one, and none came",
          "send a certificate that the authority of --http-tls-client-ca has signed");

  private static final ApiError NO_TOKEN =
      new ApiError(
          401,
          "Authorization",
          "the token is missing or wrong",
          "send 'Authorization: Bearer TOKEN', or sign in at /sign-in");

  private final WebOptions options;
  private final Sessions sessions;
  private final SessionCookie cookie;

  Access(WebOptions options, Sessions sessions, SessionCookie cookie) {
    this.options = options;
    this.sessions = sessions;
    this.cookie = cookie;
  }

  /** Refuses callers without the certificate asked for. */
  Optional<ApiError> withoutCertificate(HttpServerRequest call) {
    return !options.wantsCertificates() || hasCertificate(call)
        ? Optional.empty()
        : Optional.of(NO_CERTIFICATE);
  }

  /** Refuses callers who have neither token nor session. */
  Optional<ApiError> withoutToken(HttpServerRequest call) {
    return isKnown(call) ? Optional.empty() : Optional.of(NO_TOKEN);
  }

  boolean isKnown(HttpServerRequest call) {
    return options.token().isEmpty()
        || cookie.read(call).filter(sessions::isOpen).isPresent()
        || bearer(call).filter(options.token().get()::matches).isPresent();
  }

  private static Optional<String> bearer(HttpServerRequest call) {
    return Optional.ofNullable(call.getHeader(HttpHeaders.AUTHORIZATION))
        .filter(value -> value.toLowerCase(Locale.ROOT).startsWith(BEARER))
        .map(value -> value.substring(BEARER.length()).strip());
  }

  private static boolean hasCertificate(HttpServerRequest call) {
    try {
      SSLSession session = call.connection().sslSession();
      return session != null && session.getPeerCertificates().length > 0;
    } catch (SSLPeerUnverifiedException e) {
      return false;
    }
  }
}
