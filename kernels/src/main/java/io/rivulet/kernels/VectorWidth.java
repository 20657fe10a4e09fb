package io.rivulet.kernels;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vector species of this JVM, constants to the compiler: with anything else every operation
 * would go through memory. Narrow vectors pass over a row several times, each time for other lanes
 * of {@link Lanes}; the first pass leaves the row in the cache.
 */
final class VectorWidth {

  /** The widest vectors that the machine has, up to the 16 lanes of a sum, or fewer if asked. */
  static final VectorSpecies<Float> FLOATS =
      VectorSpecies.of(
          float.class,
          VectorShape.forBitSize(
              Math.min(
                  KernelsSelection.widestBits(), FloatVector.SPECIES_PREFERRED.vectorBitSize())));

  /** Floats in a vector: 16, 8 or 4. */
  static final int LENGTH = FLOATS.length();

  static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, VectorShape.forBitSize(LENGTH * Integer.SIZE));

  static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(LENGTH * Short.SIZE));

  /** Two shorts for each float. */
  static final VectorSpecies<Short> PAIRED_SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(LENGTH * 2 * Short.SIZE));

  /** Two bytes for each float. */
  static final VectorSpecies<Byte> PAIRED_BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(LENGTH * 2 * Byte.SIZE));

  /** As many bytes as floats, but for 128 bits, where no species is that small. */
  static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, LENGTH * Byte.SIZE)));

  /** Bytes that a load of {@link #BYTES} takes beyond those that become floats. */
  static final int OVERREACH = BYTES.length() - LENGTH;

  private VectorWidth() {}

  /** Bits of the widest vectors that this JVM compiles to instructions. */
  static int preferredBits() {
    return FloatVector.SPECIES_PREFERRED.vectorBitSize();
  }
}
