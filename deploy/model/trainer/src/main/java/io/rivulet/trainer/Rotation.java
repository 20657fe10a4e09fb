package io.rivulet.trainer;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

/**
 * Cosines and sines of the rotary positions 0..length-1, each [length, 1, S/2]: angle = position *
 * base^(-2i/S).
 */
record Rotation(PtNDArray cosines, PtNDArray sines) {
  static Rotation of(PtNDManager manager, int length, int headSize) {
    int half = headSize / 2;
    float[] cosines = new float[length * half];
    float[] sines = new float[length * half];
    for (int position = 0; position < length; position++) {
      for (int i = 0; i < half; i++) {
        double angle = position * Math.pow(ModelShape.ROPE_BASE, -2.0 * i / headSize);
        cosines[position * half + i] = (float) Math.cos(angle);
        sines[position * half + i] = (float) Math.sin(angle);
      }
    }
    return new Rotation(
        Tensors.of(manager, cosines, length, 1, half), Tensors.of(manager, sines, length, 1, half));
  }
}
