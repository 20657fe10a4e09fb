package io.rivulet.stream;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A record of the prompts topic as an intake got it.
 *
 * @param attempt from 1
 * @param strikes as far as the intake knows
 * @param left how often Kafka will deliver the record again
 * @param earlier what is known of earlier attempts
 * @param claimedUntil as in {@link Attempt#claimUntil}
 */
record Delivery(
    ConsumerRecord<byte[], byte[]> record,
    int attempt,
    Strikes strikes,
    Left left,
    Earlier earlier,
    long claimedUntil) {

  /** Deliveries of the record that may follow this one. */
  enum Left {
    ENOUGH,
    /** Kept for where the present one, too, is cut short. */
    ONE,
    /** Kafka drops the record in silence after this one. */
    NONE
  }
}
