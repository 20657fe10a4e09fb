package io.rivulet.http;

import io.vertx.core.http.HttpServerResponse;
import java.util.Map;

/**
 * What every answer tells browsers: run and load nothing but what comes from here, show it in no
 * frame, guess no types, tell nobody where the reader was.
 */
final class SecurityHeaders {

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
              "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                  + " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors"
                  + " 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
          "X-Content-Type-Options", "nosniff",
          // Not no-referrer: with it browsers send forms with an Origin of null.
          "Referrer-Policy", "same-origin",
          "X-Frame-Options", "DENY",
          "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
          "Cross-Origin-Opener-Policy", "same-origin",
          "Cross-Origin-Resource-Policy", "same-origin");

  private SecurityHeaders() {}

  static void addTo(HttpServerResponse response) {
    response.headers().addAll(HEADERS);
  }
}
