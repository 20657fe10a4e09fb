package io.rivulet.model.gguf;

/** Where the values of a tensor come from when it is written. */
@FunctionalInterface
public interface RowSource {

  /**
   * Puts a row there.
   *
   * @param row from 0; rows are asked for once each, in order
   * @param into as long as the row
   */
  void read(int row, float[] into);
}
