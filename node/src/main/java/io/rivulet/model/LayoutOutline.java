package io.rivulet.model;

import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.NeuronRows;
import io.rivulet.kernels.PackedMatrix;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.ModelOutline.Repacked;
import io.rivulet.model.profile.NeuronOrder;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What {@link WeightPacker} would do, without doing it. */
final class LayoutOutline implements WeightLayout {

  private final ModelSpec spec;
  private final Map<WeightType, Repacked> byNeurons = new EnumMap<>(WeightType.class);
  private final Map<WeightType, Repacked> byLanes = new EnumMap<>(WeightType.class);
  private long linearBytes;
  private long downBytes;

  LayoutOutline(ModelSpec spec) {
    this.spec = spec;
  }

  @Override
  public Linear linear(StoredLinear stored) {
    linearBytes += bytes(stored.weight());
    return stored.linear();
  }

  @Override
  public boolean orders(StoredLinear stored) {
    return false;
  }

  @Override
  public Linear neurons(StoredLinear stored, Optional<NeuronOrder> order) {
    return linear(stored);
  }

  @Override
  public Down down(StoredLinear stored) {
    downBytes +=
        spec.sparse()
            ? note(byNeurons, true, stored.weight(), NeuronRows.bytesOf(stored.weight()))
            : bytes(stored.weight());
    return new Down.Dense(stored.linear());
  }

  private long bytes(Matrix stored) {
    return PackedMatrix.serves(stored.type())
        ? note(byLanes, false, stored, PackedMatrix.bytesOf(stored))
        : stored.byteSize();
  }

  private static long note(
      Map<WeightType, Repacked> repacked, boolean neurons, Matrix stored, long bytes) {
    WeightType type = stored.type();
    repacked.merge(type, new Repacked(type, neurons, 1, stored.byteSize(), bytes), Repacked::plus);
    return bytes;
  }

  /** Bytes of all matrices but down projections. */
  long linearBytes() {
    return linearBytes;
  }

  /** Bytes of all down projections. */
  long downBytes() {
    return downBytes;
  }

  List<Repacked> repacked() {
    return Stream.concat(byNeurons.values().stream(), byLanes.values().stream()).toList();
  }
}
