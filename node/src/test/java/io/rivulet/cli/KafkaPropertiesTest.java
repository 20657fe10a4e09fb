package io.rivulet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaPropertiesTest {

  @TempDir private Path folder;

  @Test
  void theCommandLineIsOverTheEnvironmentAndThatOverTheFile() throws Exception {
    Path file = folder.resolve("kafka.properties");
    Files.writeString(file, "a.b=file\nc=file\nd=file\n# a comment\n");

    var properties =
        KafkaProperties.of(
            Optional.of(file),
            Map.of("RIVULET_KAFKA_A_B", "environment", "RIVULET_KAFKA_C", "environment", "A", "1"),
            List.of("c=command=line", "e="));

    assertEquals(
        Map.of("a.b", "environment", "c", "command=line", "d", "file", "e", ""), properties);
  }

  @Test
  void anOptionWithoutKeyIsRefusedWithoutBeingShown() {
    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> KafkaProperties.of(Optional.empty(), Map.of(), List.of("a=b", "my password")));

    assertEquals(
        "--kafka-property takes KEY=VALUE, number 2 of them is something else",
        refusal.getMessage());
  }

  @Test
  void filesThatCannotBeReadAreNamed() throws Exception {
    Path none = folder.resolve("none");
    Path malformed = Files.writeString(folder.resolve("malformed"), "a=\\u00zz");
    Path large = Files.writeString(folder.resolve("large"), "#".repeat((1 << 20) + 1));

    assertEquals("--kafka-config " + none + " is not there", refusal(none));
    assertEquals(
        "--kafka-config " + malformed + " is no properties file: Malformed \\uxxxx encoding.",
        refusal(malformed));
    assertEquals(
        "--kafka-config " + large + " is over 1048576 bytes: name a properties file",
        refusal(large));
    assertEquals("--kafka-config " + folder + " cannot be read: Is a directory", refusal(folder));
  }

  private static String refusal(Path file) {
    return assertThrows(
            IllegalArgumentException.class,
            () -> KafkaProperties.of(Optional.of(file), Map.of(), List.of()))
        .getMessage();
  }
}
