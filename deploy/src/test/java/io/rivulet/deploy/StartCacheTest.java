package io.rivulet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JVM's cache for faster starts, in an installed copy of the launcher and what it starts. */
class StartCacheTest {

  @TempDir private Path folder;
  private Path program;
  private Path cache;

  @BeforeEach
  void install() throws Exception {
    Path target = Files.createDirectories(folder.resolve("deploy").resolve("target"));
    program = folder.resolve("deploy").resolve("rivulet");
    cache = target.resolve("rivulet.aot");
    Files.copy(Launcher.script(), program, StandardCopyOption.COPY_ATTRIBUTES);
    for (String name : List.of("lib", "lib-broker")) {
      Files.createSymbolicLink(target.resolve(name), Path.of("target", name).toAbsolutePath());
    }
    Files.createSymbolicLink(
        folder.resolve("deploy").resolve("model"), Path.of("model").toAbsolutePath());
    Files.createFile(target.resolve("built"));
  }

  @Test
  void theFirstStartMakesItAndNobodyHearsOfIt() throws Exception {
    assertQuiet(Map.of());
    assertTrue(Files.size(cache) > 0);
    assertQuiet(Map.of());
    // Beside some options the JVM refuses a cache.
    for (String options : List.of("-Xshare:auto", "-XX:AOTMode=off", "-XX:+UseZGC")) {
      assertQuiet(Map.of("RIVULET_JAVA_OPTS", options));
    }
  }

  @Test
  void aDamagedOneIsLeftAlone() throws Exception {
    Files.writeString(cache, "not a cache");
    assertQuiet(Map.of());
    assertEquals("not a cache", Files.readString(cache));
  }

  private void assertQuiet(Map<String, String> environment) throws Exception {
    Launcher.Outcome outcome = Launcher.run(program, environment, "--version");
    assertEquals(0, outcome.exitCode(), outcome.err());
    assertTrue(outcome.out().startsWith("rivulet "), outcome.out());
    List<String> complaints =
        outcome.err().lines().filter(line -> !line.startsWith("WARNING: Using incubator")).toList();
    assertEquals(List.of(), complaints);
  }
}
