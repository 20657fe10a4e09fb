package io.rivulet.kernels;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

class KernelsSelectionTest {

  private static final String MODULE = "--add-modules=jdk.incubator.vector";

  @Test
  @EnabledIfSystemProperty(named = "rivulet.kernels", matches = "scalar")
  void propertySelectsScalar() {
    assertEquals("scalar", Kernels.select().name());
  }

  @Test
  @EnabledIfSystemProperty(named = "rivulet.kernels", matches = "vector(256|128)")
  void propertySelectsTheWidth() {
    assertEquals(System.getProperty("rivulet.kernels"), KernelsUnderTest.select().name());
  }

  @Test
  @DisabledIfSystemProperty(named = "rivulet.kernels", matches = ".+")
  void choosesAndWarns() throws Exception {
    assertSaid(run(), "--add-modules jdk.incubator.vector", "chose scalar");
    assertSaid(run("-Xint", MODULE), "C2", "chose scalar");
    assertSaid(run("-XX:TieredStopAtLevel=1", MODULE), "C2", "chose scalar");
    assertSaid(run(MODULE), "chose vector");
    assertSaid(run(MODULE, "-Drivulet.kernels=vector128"), "chose vector128");
    assertSaid(run(MODULE, "-Drivulet.kernels=scalar"), "chose scalar");
    assertSaid(run("-Drivulet.kernels=vector"), "add --add-modules jdk.incubator.vector");
    assertSaid(
        run("-Drivulet.kernels=fast"),
        "fast is not known",
        "vector, vector256, vector128 or scalar");
  }

  /** What a user would start, in a JVM with other flags than the test's. */
  static final class Main {
    private Main() {}

    public static void main(String[] args) {
      System.out.println("chose " + Kernels.select().name());
    }
  }

  private static String run(String... flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of(flags));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return output;
  }

  private static void assertSaid(String output, String... parts) {
    for (String part : parts) {
      assertTrue(output.contains(part), output);
    }
  }
}
