package io.rivulet.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.Optional;

/** Gives a session for the token, which comes from a form. */
final class SignIn {

  static final int MOST_FORM_BYTES = 4096;

  /** Before a wrong token is answered, so that guessing takes longer still. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private static final String FIELD = "token=";

  private final Vertx vertx;
  private final WebOptions options;
  private final Sessions sessions;
  private final SessionCookie cookie;

  SignIn(Vertx vertx, WebOptions options, Sessions sessions, SessionCookie cookie) {
    this.vertx = vertx;
    this.options = options;
    this.sessions = sessions;
    this.cookie = cookie;
  }

  void signIn(HttpServerRequest call, Buffer form) {
    if (options.token().isEmpty()) {
      Redirect.to("/", call.response());
    } else if (token(form).filter(options.token().get()::matches).isPresent()) {
      cookie.set(call, sessions.open());
      Redirect.to("/", call.response());
    } else {
      vertx.setTimer(PAUSE.toMillis(), passed -> Redirect.to("/sign-in?again", call.response()));
    }
  }

  void signOut(HttpServerRequest call, Buffer form) {
    cookie.read(call).ifPresent(sessions::close);
    cookie.clear(call);
    Redirect.to("/", call.response());
  }

  private static Optional<String> token(Buffer form) {
    String text = form.toString();
    if (!text.startsWith(FIELD)) {
      return Optional.empty();
    }
    try {
      return Optional.of(URLDecoder.decode(text.substring(FIELD.length()), UTF_8).strip());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
