package io.rivulet.http;

/** The HTTP side did not start; the one-line message says why and what to do. */
public final class WebStartException extends RuntimeException {

  private static final long serialVersionUID = 1;

  WebStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
