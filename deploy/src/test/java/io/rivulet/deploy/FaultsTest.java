package io.rivulet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The fault harness in short: that it still runs, and finds nothing in the time that it has. */
class FaultsTest {

  @Test
  void nothingIsLostUnderTheFaultsOfOneSeed() throws Exception {
    Launcher.Outcome outcome =
        Launcher.run("faults", "--seed", "1", "--minutes", "0.3", "--intake", "group");

    assertEquals(0, outcome.exitCode(), outcome.out() + outcome.err());
    assertTrue(outcome.out().contains("passed: seed 1, intake group: prompts "), outcome.out());
  }

  @Test
  void wrongUsageIsExplained() throws Exception {
    Launcher.Outcome outcome = Launcher.run("faults", "--minutes", "0");

    assertEquals(2, outcome.exitCode());
    assertTrue(outcome.err().contains("--minutes must be over 0"), outcome.err());
  }
}
