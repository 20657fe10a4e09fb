package io.rivulet.trainer;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One thread's view of the model: aliases of the shared weights with gradients of their own, and a
 * copy of the script. All methods are to be called on that one thread.
 */
final class Worker {
  /**
   * What a batch gave: mean cross entropy in nats, and the share of non-zero hidden neurons a
   * layer.
   */
  record Outcome(double loss, double[] shares) {}

  private final PtNDManager manager;
  private final ModelShape shape;
  private final Program model;
  private final Program optimizer;
  private final PtNDArray[] aliases;
  private final IValue weights;
  private final PtNDArray[] gradients;
  private final PtNDArray one;
  private final Map<Integer, Rotation> rotations = new HashMap<>();

  Worker(PtNDManager parent, ModelShape shape, Weights shared) throws IOException {
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(true);
    this.shape = shape;
    manager = (PtNDManager) parent.newSubManager();
    model = new Program(manager, ModelScript.of(shape));
    optimizer = new Program(manager, OptimizerScript.METHODS);
    aliases = new PtNDArray[shared.tensors().size()];
    for (int i = 0; i < aliases.length; i++) {
      aliases[i] = JniUtils.detachGradient(shared.value(i));
      JniUtils.attachGradient(aliases[i], true);
      aliases[i].setName("p[]");
    }
    weights = IValue.listFrom(aliases);
    gradients = new PtNDArray[aliases.length];
    one = Tensors.of(manager, new float[] {1});
  }

  Program optimizer() {
    return optimizer;
  }

  /** The gradient summed so far; valid after the first {@link #accumulate}. */
  PtNDArray gradient(int index) {
    return gradients[index];
  }

  /**
   * Adds the gradients of one micro-batch of windows, each one token longer than the sequence
   * length.
   */
  Outcome accumulate(List<long[]> windows, double[] penalties) {
    try (PtNDManager scope = (PtNDManager) manager.newSubManager()) {
      NDList results = loss(scope, windows, penalties, true);
      JniUtils.backward((PtNDArray) results.get(0), one, false, false);
      if (gradients[0] == null) {
        for (int i = 0; i < gradients.length; i++) {
          gradients[i] = JniUtils.getGradient(aliases[i]);
        }
      }
      return outcome(results);
    }
  }

  /** The loss without gradients or penalty. */
  Outcome evaluate(List<long[]> windows) {
    try (PtNDManager scope = (PtNDManager) manager.newSubManager()) {
      return outcome(loss(scope, windows, new double[shape.layers()], false));
    }
  }

  /** Scores of the token after these. */
  float[] nextScores(long[] tokens) {
    try (PtNDManager scope = (PtNDManager) manager.newSubManager()) {
      Rotation rotation = Rotation.of(scope, tokens.length, shape.headSize());
      return model
          .call(
              scope,
              "logits",
              weights,
              IValue.from(Tensors.of(scope, tokens, 1, tokens.length)),
              IValue.from(rotation.cosines()),
              IValue.from(rotation.sines()),
              IValue.from(Tensors.of(scope, new float[shape.layers()], shape.layers())))[0]
          .toFloatArray();
    }
  }

  private NDList loss(
      PtNDManager scope, List<long[]> windows, double[] penalties, boolean training) {
    int length = windows.getFirst().length - 1;
    long[] tokens = new long[windows.size() * length];
    long[] targets = new long[tokens.length];
    for (int i = 0; i < windows.size(); i++) {
      System.arraycopy(windows.get(i), 0, tokens, i * length, length);
      System.arraycopy(windows.get(i), 1, targets, i * length, length);
    }
    float[] penalty = new float[penalties.length];
    for (int i = 0; i < penalty.length; i++) {
      penalty[i] = (float) penalties[i];
    }
    Rotation rotation =
        rotations.computeIfAbsent(length, n -> Rotation.of(manager, n, shape.headSize()));
    NDList inputs =
        new NDList(
            Tensors.of(scope, tokens, windows.size(), length),
            rotation.cosines(),
            rotation.sines(),
            Tensors.of(scope, penalty, penalty.length),
            Tensors.of(scope, targets, targets.length));
    inputs.addAll(Arrays.asList(aliases));
    return model.forward(inputs, training);
  }

  private static Outcome outcome(NDList results) {
    float[] shares = results.get(2).toFloatArray();
    double[] copy = new double[shares.length];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = shares[i];
    }
    return new Outcome(results.get(1).toFloatArray()[0], copy);
  }
}
