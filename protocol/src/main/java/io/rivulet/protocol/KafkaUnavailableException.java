package io.rivulet.protocol;

/** Kafka does not answer, or not as needed; the one-line message names the address tried. */
public final class KafkaUnavailableException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public KafkaUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  public KafkaUnavailableException(String message) {
    super(message);
  }
}
