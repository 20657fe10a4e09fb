package io.rivulet.model;

import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.NeuronRows;
import io.rivulet.kernels.PackedMatrix;
import io.rivulet.model.profile.NeuronOrder;
import java.util.Optional;

/**
 * Lays out what every token reads in memory, as {@link WeightPacker} does, and FFNs in a file that
 * is mapped, laid out in the same way.
 */
final class MappedLayout implements WeightLayout {

  private final WeightPacker others;
  private final boolean downByNeurons;
  private final LayoutFile file;

  /**
   * Into a file.
   *
   * @param others lays out what is not in it
   * @param downByNeurons whether down projections get a row a neuron
   */
  MappedLayout(WeightPacker others, boolean downByNeurons, LayoutFile file) {
    this.others = others;
    this.downByNeurons = downByNeurons;
    this.file = file;
  }

  @Override
  public Linear linear(StoredLinear stored) {
    return others.linear(stored);
  }

  /** The file serves whatever profile there is. */
  @Override
  public boolean orders(StoredLinear stored) {
    return false;
  }

  @Override
  public Linear neurons(StoredLinear stored, Optional<NeuronOrder> order) {
    return mapped(stored);
  }

  private Linear mapped(StoredLinear stored) {
    Matrix weight = stored.weight();
    if (!PackedMatrix.serves(weight.type())) {
      return stored.linear();
    }
    PackedMatrix packed =
        file.place(
            PackedMatrix.bytesOf(weight),
            memory -> PackedMatrix.of(weight, memory),
            memory -> PackedMatrix.found(weight, memory));
    unload(weight);
    return new Linear(packed, stored.scale(), stored.bias());
  }

  @Override
  public Down down(StoredLinear stored) {
    if (!downByNeurons) {
      return new Down.Dense(mapped(stored));
    }
    Matrix weight = stored.weight();
    NeuronRows rows =
        file.place(
            NeuronRows.bytesOf(weight),
            memory -> NeuronRows.of(weight, memory),
            memory -> NeuronRows.found(weight, memory));
    unload(weight);
    return new Down.NeuronMajor(rows, stored.bias());
  }

  private static void unload(Matrix weight) {
    if (weight.data().isMapped()) {
      weight.data().unload();
    }
  }
}
