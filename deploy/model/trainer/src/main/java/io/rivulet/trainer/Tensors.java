package io.rivulet.trainer;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

/** Tensors from arrays, typed as the engine's own. */
final class Tensors {
  private Tensors() {}

  static PtNDArray of(PtNDManager manager, float[] data, long... dimensions) {
    return (PtNDArray) manager.create(data, new Shape(dimensions));
  }

  static PtNDArray of(PtNDManager manager, long[] data, long... dimensions) {
    return (PtNDArray) manager.create(data, new Shape(dimensions));
  }
}
