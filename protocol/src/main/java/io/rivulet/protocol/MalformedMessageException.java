package io.rivulet.protocol;

/**
 * A message cannot be read; the one-line message names the field, its value and what is allowed.
 */
public final class MalformedMessageException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  MalformedMessageException(String message) {
    super(message);
  }
}
