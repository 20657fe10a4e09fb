package io.rivulet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.TokenStreamException;
import io.rivulet.protocol.Topics;
import io.rivulet.stream.SecureBroker;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a Kafka with TLS, logins and access control. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class KafkaSecurityTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir private static Path folder;
  private static SecureBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = SecureBroker.start(folder);
    broker.createTopics(Topics.DEFAULT);
    broker.addUser("alice");
    broker.addUser("mallory");
    for (String user : List.of("alice", "bob", "CN=carol")) {
      broker.grantClient("User:" + user, Topics.DEFAULT);
    }
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @Test
  void aPasswordLetsAClientSendAndRead() {
    sendsAndReads(kafka(broker.saslServers(), broker.withPassword("alice", SecureBroker.PASSWORD)));
  }

  @Test
  void aTokenLetsAClientSendAndRead() {
    sendsAndReads(kafka(broker.saslServers(), broker.withToken("bob")));
  }

  @Test
  void aCertificateLetsAClientSendAndRead() {
    sendsAndReads(kafka(broker.tlsServers(), broker.withCertificate()));
  }

  private static void sendsAndReads(KafkaConnection kafka) {
    var options = RivuletClient.Options.of(kafka).withSilence(Duration.ofSeconds(1));
    try (var client = RivuletClient.connect(options);
        var stream = client.submit(GenerationRequest.of("x").id("a").build())) {
      // Nobody answers; that is heard only where the topic may be read.
      var silence = assertThrows(TokenStreamException.class, stream::next);
      assertTrue(silence.getMessage().startsWith("no token of request a came"));
      client.cancel("a");
    }
  }

  @Test
  void withoutACertificateThereIsNoConnection() {
    var properties = new HashMap<>(broker.withCertificate());
    properties.keySet().removeIf(key -> key.startsWith("ssl.keystore"));

    var refusal =
        assertThrows(
            KafkaUnavailableException.class, () -> kafka(broker.tlsServers(), properties).admin());

    assertTrue(refusal.getMessage().startsWith("Kafka at " + broker.tlsServers() + " refused"));
  }

  @Test
  void aWrongPasswordIsOneLineWithoutIt() throws Exception {
    String said = submit(broker.withPassword("alice", "not-the-1"));

    assertEquals(
        "rivulet: Kafka at "
            + broker.saslServers()
            + " refused the login: Authentication failed during authentication due to invalid"
            + " credentials with SASL mechanism SCRAM-SHA-512; check security.protocol and what"
            + " sasl. and ssl. properties say",
        said);
  }

  @Test
  void aLoginThatCannotBeReadIsOneLineWithoutThePassword() throws Exception {
    var properties = new HashMap<>(broker.withPassword("alice", "x"));
    properties.put(
        "sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=alice"
            + " password=top s3cret+;");

    String said = submit(properties);

    assertTrue(
        said.startsWith("rivulet: cannot connect to Kafka at " + broker.saslServers()), said);
    assertTrue(said.contains("JAAS"), said);
    assertFalse(said.contains("s3cret") || said.contains("top"), said);
  }

  @Test
  void aClientWithoutRightsIsToldSoAndNothingElse() throws Exception {
    String said = submit(broker.withPassword("mallory", SecureBroker.PASSWORD));

    assertEquals(
        "rivulet: Kafka at "
            + broker.saslServers()
            + " does not let this client see the topics it needs: Topic authorization failed.;"
            + " grant it the rights on them, or log in as another user",
        said);
  }

  @Test
  void aClientThatMayNotReadTokensGetsNone() throws Exception {
    broker.addUser("writer");
    broker.grant("User:writer", ResourceType.TOPIC, "rivulet.prompts", AclOperation.WRITE);
    broker.grant("User:writer", ResourceType.TOPIC, "rivulet.tokens", AclOperation.DESCRIBE);
    var kafka = kafka(broker.saslServers(), broker.withPassword("writer", SecureBroker.PASSWORD));
    try (var client = RivuletClient.connect(RivuletClient.Options.of(kafka));
        var stream = client.resume("a", Instant.EPOCH)) {

      var refusal = assertThrows(TokenStreamException.class, stream::next);

      assertEquals(
          "request a cannot be read on: Not authorized to access topics: [rivulet.tokens]",
          refusal.getMessage());
    }
  }

  private static KafkaConnection kafka(String servers, Map<String, String> properties) {
    return new KafkaConnection(servers, properties, PATIENCE);
  }

  /** What the command says on both streams, given the properties in a file. */
  private static String submit(Map<String, String> properties) throws Exception {
    Path file = Files.createTempFile(folder, "kafka", ".properties");
    var lines = new ArrayList<String>();
    properties.forEach((key, value) -> lines.add(key + "=" + value));
    Files.write(file, lines);
    return failure(
        "submit",
        "--bootstrap-servers",
        broker.saslServers(),
        "--kafka-config",
        file.toString(),
        "--prompt",
        "x");
  }

  private static String failure(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    var output = new ByteArrayOutputStream();
    try (var both = new PrintStream(output, true, UTF_8)) {
      System.setOut(both);
      System.setErr(both);
      assertEquals(1, Rivulet.run(arguments));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
    return output.toString(UTF_8).strip();
  }
}
