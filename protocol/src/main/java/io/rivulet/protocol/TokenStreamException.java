package io.rivulet.protocol;

/** A request's tokens cannot be read on; the one-line message names the request and the reason. */
public final class TokenStreamException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  TokenStreamException(String message) {
    super(message);
  }
}
