package io.rivulet.trainer;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;

/**
 * The trained tensors with their optimiser moments, in the order of {@link ModelShape#tensors()}.
 */
final class Weights {
  private final List<ModelShape.Tensor> tensors;
  private final PtNDArray[] values;
  private final PtNDArray[] first;
  private final PtNDArray[] second;

  private Weights(List<ModelShape.Tensor> tensors) {
    this.tensors = tensors;
    values = new PtNDArray[tensors.size()];
    first = new PtNDArray[tensors.size()];
    second = new PtNDArray[tensors.size()];
  }

  /**
   * Fresh weights: normal with deviation 0.02 for the embedding and 0.5 / sqrt(columns) for
   * matrices that read the residual stream; zero for those that write to it, so that every block
   * starts as the identity.
   */
  static Weights initial(PtNDManager manager, ModelShape shape, long seed) {
    Weights weights = new Weights(shape.tensors());
    Random random = new Random(seed);
    for (int i = 0; i < weights.tensors.size(); i++) {
      ModelShape.Tensor tensor = weights.tensors.get(i);
      double deviation =
          tensor.kind() == ModelShape.Kind.EMBEDDING ? 0.02 : 0.5 / Math.sqrt(tensor.columns());
      float[] data = new float[tensor.size()];
      for (int j = 0; j < data.length; j++) {
        data[j] =
            switch (tensor.kind()) {
              case EMBEDDING, INNER -> (float) (deviation * random.nextGaussian());
              case NORM_WEIGHT -> 1;
              case NORM_BIAS, OUTPUT -> 0;
            };
      }
      weights.put(manager, i, data, new float[data.length], new float[data.length]);
    }
    return weights;
  }

  private void put(
      PtNDManager manager, int index, float[] value, float[] moment, float[] variance) {
    long[] dimensions = tensors.get(index).dimensions();
    values[index] = Tensors.of(manager, value, dimensions);
    first[index] = Tensors.of(manager, moment, dimensions);
    second[index] = tensors.get(index).matrix() ? null : Tensors.of(manager, variance, dimensions);
  }

  /** Writes values and moments as big-endian floats. */
  void write(DataOutputStream out) throws IOException {
    for (int i = 0; i < values.length; i++) {
      write(out, values[i]);
      write(out, first[i]);
      if (second[i] != null) {
        write(out, second[i]);
      }
    }
  }

  private static void write(DataOutputStream out, PtNDArray array) throws IOException {
    float[] data = array.toFloatArray();
    ByteBuffer bytes = ByteBuffer.allocate(4 * data.length);
    bytes.asFloatBuffer().put(data);
    out.write(bytes.array());
  }

  static Weights read(PtNDManager manager, ModelShape shape, DataInputStream in)
      throws IOException {
    Weights weights = new Weights(shape.tensors());
    for (int i = 0; i < weights.tensors.size(); i++) {
      ModelShape.Tensor tensor = weights.tensors.get(i);
      float[] value = read(in, tensor.size());
      float[] moment = read(in, tensor.size());
      weights.put(manager, i, value, moment, tensor.matrix() ? moment : read(in, tensor.size()));
    }
    return weights;
  }

  private static float[] read(DataInputStream in, int count) throws IOException {
    byte[] bytes = new byte[4 * count];
    in.readFully(bytes);
    float[] data = new float[count];
    ByteBuffer.wrap(bytes).asFloatBuffer().get(data);
    return data;
  }

  List<ModelShape.Tensor> tensors() {
    return tensors;
  }

  PtNDArray value(int index) {
    return values[index];
  }

  PtNDArray first(int index) {
    return first[index];
  }

  PtNDArray second(int index) {
    return second[index];
  }

  PtNDArray[] values() {
    return values.clone();
  }
}
