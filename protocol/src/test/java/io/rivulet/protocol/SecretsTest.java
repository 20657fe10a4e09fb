package io.rivulet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SecretsTest {

  private static final Map<String, String> PROPERTIES =
      Map.of(
          "ssl.truststore.password", "top+s3cret",
          "sasl.jaas.config",
              "org.x.ScramLoginModule required username=\"al\" password=\"pass.wd\";",
          "client.id", "reader");

  @Test
  void areHiddenWholeAndInPart() {
    var secrets = Secrets.of(PROPERTIES);

    assertEquals(
        "[hidden], [hidden], [hidden] for reader by org.x.ScramLoginModule",
        secrets.hiddenIn("top+s3cret, s3cret, pass for reader by org.x.ScramLoginModule"));
  }

  @Test
  void aConnectionShowsNoValues() {
    var kafka = new KafkaConnection("a:1", PROPERTIES, Duration.ofSeconds(1));

    assertEquals(
        "KafkaConnection[bootstrapServers=a:1, properties=[client.id, sasl.jaas.config,"
            + " ssl.truststore.password], timeout=PT1S]",
        kafka.toString());
  }
}
