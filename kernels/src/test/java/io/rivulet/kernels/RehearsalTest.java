package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RehearsalTest {

  private static final long SECOND = 1_000_000_000;

  private final Rehearsal rehearsal = new Rehearsal();

  @Test
  void theTwinBegins() {
    assertFalse(rehearsal.due());
    twinTakes(SECOND);
    assertTrue(rehearsal.due());
    assertFalse(rehearsal.over());
  }

  @Test
  void theShareOfTheVectorKernelGrowsWithWhatTheTwinHasDone() {
    twinTakes(SECOND / 10);
    vectorsTake(SECOND / 15, 0);
    assertFalse(rehearsal.due());
    twinTakes(SECOND / 10);
    assertTrue(rehearsal.due());
  }

  @Test
  void endsWhenTheVectorKernelWasQuickerThreeTimesInARow() {
    twinTakes(SECOND / 10);
    vectorsTake(SECOND / 100, 2);
    vectorsTake(SECOND / 100, 2);
    vectorsTake(SECOND / 100, 0);
    vectorsTake(SECOND / 100, 2);
    vectorsTake(SECOND / 100, 2);
    assertFalse(rehearsal.over());
    vectorsTake(SECOND / 100, 2);
    assertTrue(rehearsal.over());
  }

  @Test
  void endsWhenTheVectorKernelHadTimeEnoughToBeCompiled() {
    twinTakes(SECOND);
    vectorsTake(2 * SECOND, 0);
    assertTrue(rehearsal.over());
  }

  private void twinTakes(long nanos) {
    rehearsal.twinDid((double) nanos, System.nanoTime() - nanos);
  }

  /** With so many times the twin's speed. */
  private void vectorsTake(long nanos, double speed) {
    rehearsal.vectorsDid(speed * (double) nanos, System.nanoTime() - nanos);
  }
}
