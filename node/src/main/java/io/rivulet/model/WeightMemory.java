package io.rivulet.model;

/** Where weights lie that are laid out anew. */
public enum WeightMemory {
  /** In memory where they fit in what is to be had, otherwise as with {@link #MAPPED}. */
  AUTO,
  /** In memory. */
  PACKED,
  /**
   * Those of FFNs in a file beside the model that is mapped, so that the system may drop them and
   * read them again. Rows of neurons that are predicted are read ahead.
   */
  MAPPED,
  /** The same without reading ahead, to compare. */
  MAPPED_PLAIN
}
