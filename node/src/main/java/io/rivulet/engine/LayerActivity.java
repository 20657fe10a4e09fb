package io.rivulet.engine;

/**
 * Neurons read by one layer since the engine started; the difference of two readings is a window.
 *
 * @param layer from 0
 * @param active neurons whose rows of the down matrix were read, summed over tokens
 * @param computed neurons there were, summed over tokens
 */
public record LayerActivity(int layer, long active, long computed) {

  /** Share of neurons read; 1 where nothing was computed. */
  public double density() {
    return computed == 0 ? 1 : (double) active / computed;
  }
}
