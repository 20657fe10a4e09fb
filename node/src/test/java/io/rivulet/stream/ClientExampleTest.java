package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.protocol.KafkaConnection;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ClientExampleTest {

  private static final Path CLIENT =
      Path.of("../protocol/src/main/java/io/rivulet/protocol/RivuletClient.java");

  @Test
  void doesWhatItSays() {
    var printed = new ByteArrayOutputStream();
    try (var broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0));
        var engine = new PacedEngine(Duration.ofMillis(5));
        var _ =
            Node.start(
                NodeOptions.of(KafkaConnection.to(broker.bootstrapServers()), "test"), engine)) {
      ClientExample.run(broker.bootstrapServers(), new PrintStream(printed, true, UTF_8));
    }

    List<String> lines = printed.toString(UTF_8).lines().toList();

    assertEquals(4, lines.size(), lines.toString());
    String poem = lines.get(1).substring(0, lines.get(1).indexOf(" (LENGTH)"));
    assertTrue(!lines.get(2).isEmpty() && poem.endsWith(lines.get(2)), lines.toString());
    assertTrue(poem.length() > lines.get(2).length(), lines.toString());
    assertEquals("CANCELLED", lines.get(3));
  }

  @Test
  void isShownByTheDocumentation(@TempDir Path pages) throws Exception {
    var problems = new StringWriter();
    var javadoc = ToolProvider.getSystemDocumentationTool();
    try (var files = javadoc.getStandardFileManager(null, null, UTF_8)) {
      var options =
          List.of(
              "-quiet",
              "-Xdoclint:reference,syntax",
              "--snippet-path",
              "src/test/java",
              "-classpath",
              System.getProperty("java.class.path"),
              "-d",
              pages.toString());
      boolean succeeded =
          javadoc
              .getTask(
                  problems, files, null, null, options, files.getJavaFileObjects(CLIENT.toFile()))
              .call();

      assertTrue(succeeded, problems.toString());
    }
    String page = Files.readString(pages.resolve("io/rivulet/protocol/RivuletClient.html"), UTF_8);
    assertTrue(page.contains("client.resume(\"poem\", sent, 10)"));
  }
}
