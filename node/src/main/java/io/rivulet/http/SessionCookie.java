package io.rivulet.http;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerRequest;
import java.util.Optional;

/**
 * The cookie that carries a session; scripts cannot read it, other sites' pages cannot send it.
 *
 * @param secure whether the server speaks TLS
 */
record SessionCookie(boolean secure) {

  Optional<String> read(HttpServerRequest call) {
    return Optional.ofNullable(call.getCookie(name(call))).map(Cookie::getValue);
  }

  void set(HttpServerRequest call, String session) {
    call.response().addCookie(cookie(call, session, Sessions.LIFE.toSeconds()));
  }

  void clear(HttpServerRequest call) {
    call.response().addCookie(cookie(call, "", 0));
  }

  private Cookie cookie(HttpServerRequest call, String value, long seconds) {
    return Cookie.cookie(name(call), value)
        .setHttpOnly(true)
        .setSameSite(CookieSameSite.STRICT)
        .setSecure(secure)
        .setPath("/")
        .setMaxAge(seconds);
  }

  /** With the port, since servers of one machine share their cookies. */
  private String name(HttpServerRequest call) {
    String prefix = secure ? "__Host-rivulet-" : "rivulet-";
    return prefix + call.localAddress().port();
  }
}
