package io.rivulet.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nodes of a Kafka with TLS, logins and access control. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SecureNodeTest {

  @TempDir private static Path folder;
  private static SecureBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = SecureBroker.start(folder);
    for (String user : new String[] {"node", "client", "nobody"}) {
      broker.addUser(user);
    }
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"SHARE", "GROUP"})
  void answersWithTheRightsItNeedsAndNoOthers(IntakeKind kind) throws Exception {
    var topics = new Topics(kind + ".");
    broker.createTopics(topics);
    broker.grantNode("User:node", topics);
    broker.grantClient("User:client", topics);
    try (var engine = new PacedEngine(Duration.ofMillis(1));
        var _ = Node.start(node("node", topics, kind), engine);
        var client =
            RivuletClient.connect(RivuletClient.Options.of(as("client")).withTopics(topics));
        var stream = client.submit(GenerationRequest.of("x").maxTokens(3).build())) {
      for (int index = 0; index < 3; index++) {
        assertEquals(index, stream.next().index());
      }
      assertEquals(FinishReason.LENGTH, stream.next().completion().orElseThrow().finishReason());
    }
  }

  @Test
  void withoutRightsItSaysSoAndDoesNotStart() throws Exception {
    var topics = new Topics("without.");
    broker.createTopics(topics);
    try (var engine = new PacedEngine(Duration.ofMillis(1))) {
      var refusal =
          assertThrows(
              KafkaUnavailableException.class,
              () -> Node.start(node("nobody", topics, IntakeKind.SHARE), engine));

      assertTrue(
          refusal
              .getMessage()
              .startsWith(
                  "Kafka at " + broker.saslServers() + " did not create the topic without."),
          refusal.getMessage());
      assertTrue(refusal.getMessage().endsWith(": Authorization failed."), refusal.getMessage());
    }
  }

  private static NodeOptions node(String user, Topics topics, IntakeKind kind) {
    NodeOptions options = NodeOptions.of(as(user), "test").withTopics(topics);
    return options.withIntake(options.intake().withKind(kind).withGroupId("rivulet-" + kind));
  }

  private static KafkaConnection as(String user) {
    return new KafkaConnection(
        broker.saslServers(),
        broker.withPassword(user, SecureBroker.PASSWORD),
        Duration.ofSeconds(20));
  }
}
