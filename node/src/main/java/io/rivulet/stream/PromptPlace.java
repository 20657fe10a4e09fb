package io.rivulet.stream;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Where in Kafka a prompt is, which tells it apart from another one under the same id. */
record PromptPlace(String topic, int partition, long offset) {

  static PromptPlace of(ConsumerRecord<?, ?> record) {
    return new PromptPlace(record.topic(), record.partition(), record.offset());
  }

  TopicPartition topicPartition() {
    return new TopicPartition(topic, partition);
  }

  @Override
  public String toString() {
    return topic + "-" + partition + "-" + offset;
  }
}
