package io.rivulet.kernels;

/** The function between the two halves of a feed-forward network, element by element. */
public enum Activation {
  /** x / (1 + exp(-x)) (Elfwing et al. 2017, arXiv:1702.03118). */
  SILU,
  /** The tanh form, 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (arXiv:1606.08415). */
  GELU,
  /**
   * The exact form, x times the normal distribution function of x (arXiv:1606.08415), to within
   * 2e-7 of the larger of 1 and the magnitude of x.
   */
  GELU_ERF,
  /** max(x, 0). */
  RELU,
  /** max(x, 0)^2 (So et al. 2021, arXiv:2109.08668). */
  RELU_SQUARED
}
