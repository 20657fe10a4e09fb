package io.rivulet.kernels;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** The implementation that the build runs the tests in, by the property rivulet.kernels. */
final class KernelsUnderTest {

  private KernelsUnderTest() {}

  /** Skips the test where this machine's vectors are narrower than those to be tested. */
  static Kernels select() {
    String wanted = System.getProperty("rivulet.kernels", "");
    if (wanted.equals("vector256") || wanted.equals("vector128")) {
      assumeTrue(
          KernelsSelection.widestBits() <= VectorWidth.preferredBits(),
          "this machine's vectors are too narrow for " + wanted);
    }
    return Kernels.select();
  }
}
