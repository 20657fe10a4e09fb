package io.rivulet.stream;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A record of the prompts topic as an intake got it.
 *
 * @param attempt from 1
 * @param more whether it may be attempted, and how often again
 * @param earlier what is known of earlier attempts
 * @param claimedUntil as in {@link Attempt#claimUntil}
 */
record Delivery(
    ConsumerRecord<byte[], byte[]> record,
    int attempt,
    More more,
    Earlier earlier,
    long claimedUntil) {

  /** Attempts that may follow this one. */
  enum More {
    ANY,
    /** One that can only set the prompt aside: better not to rely on it. */
    LAST,
    /** This one was not to be: the prompt was attempted often enough. */
    NONE
  }
}
