package io.rivulet.kernels;

/**
 * Which two elements of a head rotary positions turn together (Su et al. 2021, arXiv:2104.09864).
 */
public enum RopeLayout {
  /** Elements 2i and 2i+1, as in the paper and in GGUF files of the Llama family. */
  INTERLEAVED,
  /** Elements i and i + dims/2, as in GPT-NeoX. */
  HALVES
}
