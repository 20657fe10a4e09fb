package io.rivulet.kernels;

import java.lang.System.Logger.Level;

/**
 * Chooses the implementation; see {@link Kernels#select()}. Must load without the Vector API's
 * module.
 */
final class KernelsSelection {

  static final String PROPERTY = "rivulet.kernels";

  private static final String MODULE = "jdk.incubator.vector";
  private static final int LANE_BITS = Lanes.COUNT * Float.SIZE;

  private KernelsSelection() {}

  static Kernels select() {
    String wanted = System.getProperty(PROPERTY, "");
    return switch (wanted) {
      case "scalar" -> new ScalarKernels();
      case "vector", "vector256", "vector128" -> vectorsAsAsked(wanted);
      case "" -> fastest();
      default ->
          throw new IllegalArgumentException(
              "-D%s=%s is not known; use vector, vector256, vector128 or scalar"
                  .formatted(PROPERTY, wanted));
    };
  }

  /** The widest vectors to use, whatever the machine has. */
  static int widestBits() {
    return switch (System.getProperty(PROPERTY, "")) {
      case "vector256" -> 256;
      case "vector128" -> 128;
      default -> LANE_BITS;
    };
  }

  private static Kernels vectorsAsAsked(String wanted) {
    if (!moduleResolved()) {
      throw new IllegalStateException(
          "-D%s=%s needs the Vector API; add --add-modules %s to the java command"
              .formatted(PROPERTY, wanted, MODULE));
    }
    int bits = VectorWidth.preferredBits();
    if (!wanted.equals("vector") && widestBits() > bits) {
      throw new IllegalStateException(
          "-D%s=%s needs wider vectors than this machine's %d bits; use -D%s=vector"
              .formatted(PROPERTY, wanted, bits, PROPERTY));
    }
    return new VectorKernels();
  }

  private static Kernels fastest() {
    String vm = System.getProperty("java.vm.info", "");
    if (!moduleResolved()) {
      warn("the Vector API is not there; add --add-modules " + MODULE + " to the java command");
    } else if (vm.contains("interpreted") || vm.contains("emulated-client")) {
      warn(
          "vectors need the C2 compiler, and this JVM runs in '"
              + vm
              + "'; drop -Xint and -client");
    } else if (VectorWidth.preferredBits() < 128) {
      warn("this machine's vectors have " + VectorWidth.preferredBits() + " bits, 128 are needed");
    } else {
      return new RehearsingKernels(new VectorKernels(), new ScalarKernels());
    }
    return new ScalarKernels();
  }

  private static boolean moduleResolved() {
    return ModuleLayer.boot().findModule(MODULE).isPresent();
  }

  private static void warn(String reason) {
    System.getLogger(Kernels.class.getName())
        .log(Level.WARNING, "computing without vectors, many times slower: " + reason);
  }
}
