package io.rivulet.http;

/** A call cannot be served, for the reason it carries. */
final class CallRefusedException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final transient ApiError error;

  CallRefusedException(ApiError error) {
    super(error.reason());
    this.error = error;
  }

  ApiError error() {
    return error;
  }
}
