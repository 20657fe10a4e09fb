package io.rivulet.stream;

import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * What an attempt has to say, and how far it is with that.
 *
 * @param records to be sent, one after the other
 * @param tokens of the answer that are published with it
 * @param last whether the prompt is done with it
 */
record Publication(
    Attempt attempt, List<ProducerRecord<byte[], byte[]>> records, int tokens, boolean last) {

  Publication {
    records = List.copyOf(records);
  }
}
