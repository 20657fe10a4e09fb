package io.rivulet.sparsity.predictor;

import java.util.Objects;

/** Tokens in a row of other samples. */
record SampleRange(ActivationSamples all, int first, int tokens) implements ActivationSamples {

  @Override
  public int width() {
    return all.width();
  }

  @Override
  public int neurons() {
    return all.neurons();
  }

  @Override
  public void input(int token, float[] values) {
    all.input(first + Objects.checkIndex(token, tokens), values);
  }

  @Override
  public void active(int token, long[] bits) {
    all.active(first + Objects.checkIndex(token, tokens), bits);
  }
}
