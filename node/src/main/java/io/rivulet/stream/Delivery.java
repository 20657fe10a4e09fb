package io.rivulet.stream;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A record of the prompts topic as an intake got it.
 *
 * @param attempt from 1
 * @param exhausted whether it was attempted often enough, and is not to be attempted again
 * @param earlier what is known of earlier attempts
 * @param claimedUntil as in {@link Attempt#claimUntil}
 */
record Delivery(
    ConsumerRecord<byte[], byte[]> record,
    int attempt,
    boolean exhausted,
    Earlier earlier,
    long claimedUntil) {}
