package io.rivulet.faults;

import io.rivulet.protocol.DeadLetter;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Topics;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Follows what the nodes publish, so that the workload knows what has ended. */
final class Watch implements AutoCloseable {

  private final KafkaConnection kafka;
  private final Topics topics;
  private final Ledger ledger;
  private final CompletableFuture<Void> ended;
  private volatile boolean closed;
  private final AtomicLong events = new AtomicLong();

  Watch(KafkaConnection kafka, Topics topics, Ledger ledger) {
    this.kafka = kafka;
    this.topics = topics;
    this.ledger = ledger;
    this.ended = CompletableFuture.runAsync(this::follow, Thread.ofPlatform().name("watch")::start);
  }

  /** How many records the nodes have published. */
  long events() {
    return events.get();
  }

  private void follow() {
    try (var topic = new Topic(kafka, topics.tokens(), topics.deadLetters())) {
      while (!closed) {
        topic.poll(this::read);
      }
    }
  }

  private void read(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(topics.deadLetters())) {
      DeadLetter.read(record.headers()).ifPresent(letter -> ledger.setAside(placeOf(letter)));
    } else {
      TokenEvent event = TokenEvent.fromJson(record.value());
      if (event.terminal()) {
        ledger.end(event.id());
      }
    }
    events.incrementAndGet();
  }

  /** Where a dead letter's record was. */
  static String placeOf(DeadLetter letter) {
    return letter.topic() + "-" + letter.partition() + "-" + letter.offset();
  }

  @Override
  public void close() {
    closed = true;
    ended.join();
  }
}
