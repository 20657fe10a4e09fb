package io.rivulet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {

  @Test
  void areNamedAsTheContractSays() {
    assertEquals("rivulet.prompts", Topics.DEFAULT.prompts());
    assertEquals("rivulet.tokens", Topics.DEFAULT.tokens());
    assertEquals("rivulet.control", Topics.DEFAULT.control());
    assertEquals("rivulet.telemetry", Topics.DEFAULT.telemetry());
    assertEquals("rivulet.prompts.dlq", Topics.DEFAULT.deadLetters());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a b", "é", "-x", "a/b"})
  void refusePrefixesThatKafkaWouldNotTake(String prefix) {
    var refusal = assertThrows(IllegalArgumentException.class, () -> new Topics(prefix));

    assertTrue(refusal.getMessage().endsWith("was '" + prefix + "'"));
  }

  @Test
  void propertiesGoToTheClientsTheyAreFor() {
    var kafka =
        new KafkaConnection(
            "localhost:9092",
            Map.of("a", "1", "producer.b", "2", "consumer.c", "3", "acks", "0", "linger.ms", "9"),
            Duration.ofSeconds(1));

    var producer = kafka.producer(Map.of("linger.ms", 0), Map.of("acks", "all"));

    assertEquals(
        Map.of(
            "bootstrap.servers",
            "localhost:9092",
            "a",
            "1",
            "b",
            "2",
            "acks",
            "all",
            "linger.ms",
            "9"),
        producer);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost", "localhost:", "a b:1", "http://x:1"})
  void bootstrapServersNeedHostAndPort(String servers) {
    assertThrows(IllegalArgumentException.class, () -> KafkaConnection.to(servers));
  }

  @Test
  void anUnreachableKafkaIsNamed() {
    var nowhere = new KafkaConnection("127.0.0.1:1", Map.of(), Duration.ofSeconds(1));

    var failure = assertThrows(KafkaUnavailableException.class, nowhere::admin);

    assertTrue(
        failure.getMessage().startsWith("cannot reach Kafka at 127.0.0.1:1: "),
        failure.getMessage());
  }
}
