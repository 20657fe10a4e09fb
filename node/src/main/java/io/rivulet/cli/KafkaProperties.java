package io.rivulet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * Properties of Kafka's clients from where users put them: a file, over it the environment, over
 * that the command line. Errors show keys, never values.
 */
final class KafkaProperties {

  static final String ENVIRONMENT = "RIVULET_KAFKA_";
  private static final int MOST_BYTES = 1 << 20;

  private KafkaProperties() {}

  /**
   * Puts them together.
   *
   * @param options {@code KEY=VALUE} each
   * @throws IllegalArgumentException when the file cannot be read, or an option has no key
   */
  static Map<String, String> of(
      Optional<Path> file, Map<String, String> environment, List<String> options) {
    var properties = new HashMap<String, String>();
    file.ifPresent(path -> properties.putAll(read(path)));
    environment.forEach(
        (name, value) -> {
          if (name.startsWith(ENVIRONMENT) && name.length() > ENVIRONMENT.length()) {
            properties.put(key(name), value);
          }
        });
    for (int i = 0; i < options.size(); i++) {
      int end = options.get(i).indexOf('=');
      if (end <= 0) {
        throw new IllegalArgumentException(
            "--kafka-property takes KEY=VALUE, number " + (i + 1) + " of them is something else");
      }
      properties.put(options.get(i).substring(0, end), options.get(i).substring(end + 1));
    }
    return properties;
  }

  private static String key(String variable) {
    return variable.substring(ENVIRONMENT.length()).toLowerCase(Locale.ROOT).replace('_', '.');
  }

  private static Map<String, String> read(Path file) {
    var properties = new Properties();
    try (var input = Files.newInputStream(file)) {
      byte[] bytes = input.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IllegalArgumentException(
            "--kafka-config " + file + " is over " + MOST_BYTES + " bytes: name a properties file");
      }
      load(properties, new String(bytes, UTF_8), file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("--kafka-config " + file + " is not there", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--kafka-config " + file + " cannot be read: " + e.getMessage(), e);
    }
    var read = new HashMap<String, String>();
    properties.stringPropertyNames().forEach(key -> read.put(key, properties.getProperty(key)));
    return read;
  }

  private static void load(Properties properties, String text, Path file) throws IOException {
    try {
      properties.load(new StringReader(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "--kafka-config " + file + " is no properties file: " + e.getMessage(), e);
    }
  }
}
