package io.rivulet.trainer;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** A loaded TorchScript module: one native call a method. Not for two threads at a time. */
final class Program {
  private final PtSymbolBlock module;

  Program(PtNDManager manager, String methods) throws IOException {
    module =
        JniUtils.loadModule(
            manager, new ByteArrayInputStream(ScriptArchive.of(methods)), false, false);
  }

  /**
   * Calls a method that returns a list of tensors, without gradients; they belong to {@code
   * manager}.
   */
  PtNDArray[] call(PtNDManager manager, String method, IValue... arguments) {
    try (IValue result = IValueUtils.runMethod(module, method, arguments)) {
      return result.toTensorArray(manager);
    }
  }

  /**
   * Calls {@code forward}, recording what gradients need if {@code training}; the results belong to
   * the first input's manager. Inputs named {@code x[]} go in as one list.
   */
  NDList forward(NDList inputs, boolean training) {
    return IValueUtils.forward(module, inputs, training);
  }

  /** Calls a method that returns a number, without gradients. */
  double number(String method, IValue... arguments) {
    try (IValue result = IValueUtils.runMethod(module, method, arguments)) {
      return result.toDouble();
    }
  }
}
