package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Expected of a layer: a recall of at least 0.9 and a CETT of at most 0.2; half-way: 0.94, 0.125.
 */
class LayerTrustTest {

  private static final LayerTrust.Expectation EXPECTED = new LayerTrust.Expectation(0.98, 0.05);

  private final LayerTrust trust =
      new LayerTrust(List.of(EXPECTED, EXPECTED), new AuditOptions(64, 0.08, 0.15));

  @Test
  void whatTheCalibrationFoundChangesNothing() {
    audit(0.98, 0.05);

    assertFalse(trust.judge(0));
    assertTrue(trust.trusts(0));
    assertEquals(0.98, trust.recall(0), 1e-6);
    assertEquals(0.05, trust.cett(0), 1e-6);
  }

  @Test
  void aLowRecallAloneIsForgivenASecondIsNot() {
    audit(0.7, 0.05);
    assertEquals(0.91, trust.recall(0), 1e-6);
    assertFalse(trust.judge(0));

    audit(0.82, 0.05);
    assertEquals(0.8875, trust.recall(0), 1e-6);
    assertTrue(trust.trusts(0), "judged before it was time");
    assertTrue(trust.judge(0));
    assertFalse(trust.trusts(0));
    assertTrue(trust.trusts(1), "another layer");
  }

  @Test
  void aPredictorThatKnowsNothingFallsAtOnce() {
    audit(0.1, 0.05);

    assertTrue(trust.judge(0));
    assertFalse(trust.trusts(0));
  }

  @Test
  void aLayerReturnsOnceItIsBetterByAMargin() {
    audit(0.7, 0.05);
    audit(0.82, 0.05);
    trust.judge(0);

    audit(1, 0.05);
    assertEquals(0.915625, trust.recall(0), 1e-6);
    assertFalse(trust.judge(0), "over the floor, but not by a margin");
    audit(1, 0.05);
    assertFalse(trust.judge(0));
    audit(1, 0.05);
    assertEquals(0.952539, trust.recall(0), 1e-6);
    assertFalse(trust.trusts(0), "judged before it was time");
    assertTrue(trust.judge(0));
    assertTrue(trust.trusts(0));
    assertFalse(trust.judge(0), "nothing was found since");
  }

  @Test
  void anErrorThatStaysLargeMakesALayerFallAndASmallOneReturn() {
    for (double mean : new double[] {0.1125, 0.159375, 0.19453125}) {
      trust.onError(0, 0.3);
      assertEquals(mean, trust.cett(0), 1e-6);
      assertFalse(trust.judge(0));
    }
    trust.onError(0, 0.3);
    assertTrue(trust.judge(0));

    for (double mean : new double[] {0.178174, 0.146130}) {
      trust.onError(0, 0.05);
      assertEquals(mean, trust.cett(0), 1e-6);
      assertFalse(trust.judge(0));
    }
    trust.onError(0, 0.05);
    assertEquals(0.122098, trust.cett(0), 1e-6);
    assertTrue(trust.judge(0));
    assertTrue(trust.trusts(0));
  }

  @Test
  void anErrorCountsForTwiceTheCeilingAtMost() {
    trust.onError(0, 1000);

    assertEquals(0.05 + (0.4 - 0.05) / 4, trust.cett(0), 1e-6);
    assertFalse(trust.judge(0));
  }

  private void audit(double recall, double cett) {
    trust.onRecall(0, recall);
    trust.onError(0, cett);
  }
}
