package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.protocol.Completion;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Timings;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Topics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Publishes the token events that a test wants, in the one partition of its tokens topic. */
final class ScriptedNode implements AutoCloseable {

  private final Topics topics;
  private final KafkaProducer<byte[], byte[]> producer;

  ScriptedNode(KafkaConnection kafka, Topics topics) throws Exception {
    this.topics = topics;
    var names = List.of(topics.prompts(), topics.tokens(), topics.control());
    try (Admin admin = kafka.admin()) {
      admin
          .createTopics(names.stream().map(name -> new NewTopic(name, 1, (short) 1)).toList())
          .all()
          .get(30, TimeUnit.SECONDS);
    }
    var bytes = new ByteArraySerializer();
    producer = new KafkaProducer<>(kafka.producer(Map.of(), Map.of()), bytes, bytes);
  }

  /** A token, its text a letter that the id stands for. */
  void token(String id, int index, int tokenId) {
    publish(
        new TokenEvent(
            id,
            1,
            index,
            List.of(tokenId),
            Character.toString('a' + tokenId % 26),
            "scripted",
            Optional.empty()));
  }

  void tokens(String id, int from, int to) {
    for (int index = from; index < to; index++) {
      token(id, index, index);
    }
  }

  void end(String id, int index) {
    var completion =
        new Completion(
            FinishReason.STOP, Optional.empty(), Optional.empty(), Timings.NONE, Optional.empty());
    publish(new TokenEvent(id, 1, index, List.of(), "", "scripted", Optional.of(completion)));
  }

  private void publish(TokenEvent event) {
    var _ =
        producer.send(
            new ProducerRecord<>(topics.tokens(), event.id().getBytes(UTF_8), event.toJson()));
  }

  /** Returns when all is published. */
  void flush() {
    producer.flush();
  }

  @Override
  public void close() {
    producer.close();
  }
}
