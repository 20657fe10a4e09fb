package io.rivulet.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedBrokerTest {

  @Test
  void servesShareGroupsAndCreatesTopicsOnAFreePort() throws Exception {
    try (var broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0));
        var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      admin
          .createTopics(List.of(new NewTopic("a", Optional.of(2), Optional.empty())))
          .all()
          .get(60, TimeUnit.SECONDS);

      var topics = admin.describeTopics(List.of("a")).allTopicNames().get(60, TimeUnit.SECONDS);
      var features = admin.describeFeatures().featureMetadata().get(60, TimeUnit.SECONDS);

      assertEquals(2, topics.get("a").partitions().size());
      assertTrue(features.finalizedFeatures().get("share.version").maxVersionLevel() >= 1);
    }
  }

  @Test
  void takesUpTheDataOfTheOneBeforeInTheFolderGiven(@TempDir Path data) throws Exception {
    var options = new EmbeddedBroker.Options(0, Map.of(), Optional.of(data));
    try (var broker = EmbeddedBroker.start(options);
        var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      admin
          .createTopics(List.of(new NewTopic("a", Optional.of(2), Optional.empty())))
          .all()
          .get(60, TimeUnit.SECONDS);
    }
    try (var broker = EmbeddedBroker.start(options);
        var admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      assertTrue(admin.listTopics().names().get(60, TimeUnit.SECONDS).contains("a"));
    }
  }

  @Test
  void saysWhichPortIsTaken() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
      var options = EmbeddedBroker.Options.onPort(taken.getLocalPort());

      var failure = assertThrows(BrokerStartException.class, () -> EmbeddedBroker.start(options));

      assertTrue(failure.getMessage().contains("port " + taken.getLocalPort()));
      assertTrue(failure.getMessage().contains("choose another port"));
    }
  }
}
