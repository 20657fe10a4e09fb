package io.rivulet.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.protocol.KafkaConnection;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class OperatorTest {

  private static final TopicPartition PARTITION = new TopicPartition("said", 0);
  private static final Set<String> TOPICS = Set.of(PARTITION.topic(), Operator.OFFSETS);

  @Test
  void endsTransactionsInWhichNothingWasWrittenForLong() throws Exception {
    var bytes = new ByteArraySerializer();
    try (var broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0));
        Admin admin = KafkaConnection.to(broker.bootstrapServers()).admin();
        var producer =
            new KafkaProducer<>(
                Map.<String, Object>of(
                    "bootstrap.servers", broker.bootstrapServers(), "transactional.id", "stuck"),
                bytes,
                bytes);
        var member =
            new KafkaConsumer<>(
                Map.<String, Object>of(
                    "bootstrap.servers", broker.bootstrapServers(), "group.id", "group"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
      admin
          .createTopics(List.of(new NewTopic("said", Optional.of(1), Optional.empty())))
          .all()
          .get();
      producer.initTransactions();
      Instant before = Instant.now();
      producer.beginTransaction();
      var _ = producer.send(new ProducerRecord<>("said", new byte[] {1})).get();
      producer.sendOffsetsToTransaction(
          Map.of(PARTITION, new OffsetAndMetadata(7)), member.groupMetadata());

      assertEquals(0, Operator.endForgotten(admin, TOPICS, before));
      assertEquals(2, Operator.endForgotten(admin, TOPICS, Instant.now().plusSeconds(1)));

      assertEquals(OptionalLong.empty(), open(admin));
      assertEquals(Map.of(), committed(admin));
    }
  }

  private static OptionalLong open(Admin admin) throws Exception {
    return admin
        .describeProducers(List.of(PARTITION))
        .partitionResult(PARTITION)
        .get()
        .activeProducers()
        .getFirst()
        .currentTransactionStartOffset();
  }

  /** Would wait for an open transaction. */
  private static Map<TopicPartition, OffsetAndMetadata> committed(Admin admin) throws Exception {
    return admin
        .listConsumerGroupOffsets(
            Map.of("group", new ListConsumerGroupOffsetsSpec()),
            new ListConsumerGroupOffsetsOptions().requireStable(true))
        .partitionsToOffsetAndMetadata("group")
        .get();
  }
}
