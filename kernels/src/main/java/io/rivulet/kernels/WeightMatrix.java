package io.rivulet.kernels;

import java.lang.foreign.MemorySegment;

/** Weights of a linear map, as they are stored or packed for products with int8 activations. */
public sealed interface WeightMatrix permits Matrix, PackedMatrix {

  /** How the weights were stored. */
  WeightType type();

  /** Outputs. */
  int rows();

  /** Inputs. */
  int cols();

  /** Bytes of all rows. */
  long byteSize();

  /** Where the rows are, one after another, each as long as the others. */
  MemorySegment rowMemory();
}
