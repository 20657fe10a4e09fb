package io.rivulet.faults;

import io.rivulet.broker.EmbeddedBroker;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** A broker in a process of its own, which takes up its data again when it is started anew. */
final class BrokerMain {

  private BrokerMain() {}

  /** Starts it; the arguments are its folder and a file of Kafka's properties. */
  public static void main(String[] args) throws IOException {
    var options =
        new EmbeddedBroker.Options(0, read(Path.of(args[1])), Optional.of(Path.of(args[0])));
    EmbeddedBroker broker = EmbeddedBroker.start(options);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(broker::close));
    System.out.println("up");
  }

  private static Map<String, String> read(Path file) throws IOException {
    var properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    var map = new HashMap<String, String>();
    properties.stringPropertyNames().forEach(name -> map.put(name, properties.getProperty(name)));
    return map;
  }
}
