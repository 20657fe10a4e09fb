package io.rivulet.stream;

/** Brings to Kafka what attempts have to say, in the order given. Thread-safe. */
interface Publisher {

  /**
   * Hands over and returns at once. When Kafka has the last publication of an attempt, the attempt
   * is {@link Attempt#published()}; of one that is {@link Attempt#abandoned()} nothing is published
   * any more.
   */
  void publish(Publication publication);
}
