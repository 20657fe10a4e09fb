package io.rivulet.model;

import static java.util.Objects.requireNonNull;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.NeuronRows;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.profile.SparsityProfile;
import java.lang.foreign.Arena;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** A decoder-only transformer: weights and how to compute with them. Immutable; safe to share. */
public final class Transformer {

  private final ModelSpec spec;
  private final WeightLoading loading;
  private final Weights weights;
  private final Kernels kernels;
  private final Optional<Calibration> calibration;

  Transformer(
      ModelSpec spec, WeightLoading loading, Kernels kernels, Optional<Calibration> calibration) {
    this.calibration = calibration;
    this.spec = spec;
    this.loading = loading;
    weights = loading.weights();
    this.kernels = kernels;
  }

  /** Sizes and kinds. */
  public ModelSpec spec() {
    return spec;
  }

  /** What it computes with. */
  public Kernels kernels() {
    return kernels;
  }

  /**
   * The same weights with another profile, but in the order that they lie in.
   *
   * @param arena owns what is made of it
   * @throws IllegalStateException if the model was opened without rows by neurons
   */
  public Transformer withProfile(SparsityProfile profile, Arena arena) {
    downRows(0);
    return new Transformer(
        spec, loading, kernels, Optional.of(CalibrationReader.read(profile, weights, arena)));
  }

  /**
   * A layer's down projection, a row a neuron.
   *
   * @throws IllegalStateException if the model was opened without rows by neurons
   */
  public NeuronRows downRows(int layer) {
    return weights.layers().get(layer).feedForward().down().byNeurons();
  }

  /** Bytes of the rows that one neuron of a layer has in up, gate and down, on average. */
  public double neuronBytes(int layer) {
    return (double) feedForwardBytes(layer).all() / spec.neurons();
  }

  /** Bytes of the matrices of a layer's FFN. */
  public FeedForwardBytes feedForwardBytes(int layer) {
    return weights.layers().get(layer).feedForward().bytes();
  }

  /** The modes that it can compute in: what a calibration is needed for, only if there is one. */
  public Set<SparsityMode> modes() {
    var modes = EnumSet.of(SparsityMode.OFF, SparsityMode.EXACT);
    if (calibration.isPresent()) {
      modes.add(SparsityMode.THRESHOLD);
      if (calibration.get().mostRank() > 0) {
        modes.add(SparsityMode.PREDICTED);
      }
    }
    return Set.copyOf(modes);
  }

  /**
   * Memory to compute batches in, with a key-value cache of its own.
   *
   * @param team computes; the caller keeps it to itself while a batch runs and closes it last
   * @param rows rows that a batch may have
   * @param logitRows rows of a batch that may want logits
   * @param cacheTokens positions that fit the cache, all sequences together; rounded up to whole
   *     blocks of {@link ForwardPass#BLOCK_TOKENS}
   */
  public ForwardPass forwardPass(ThreadTeam team, int rows, int logitRows, int cacheTokens) {
    return forwardPass(team, rows, logitRows, cacheTokens, KeyValueType.F32);
  }

  /**
   * The same with keys and values stored in another type than float32.
   *
   * @throws IllegalArgumentException if the model's heads cannot be stored so
   */
  public ForwardPass forwardPass(
      ThreadTeam team, int rows, int logitRows, int cacheTokens, KeyValueType cacheType) {
    requireNonNull(cacheType, "cacheType is null");
    return new ForwardPass(
        spec, loading, kernels, calibration, team, rows, logitRows, cacheTokens, cacheType);
  }

  /**
   * Bytes of the weights that every step reads, whatever the activations: all but the down rows.
   */
  public long denseBytes() {
    return weights.denseBytes();
  }

  /** Bytes of the weights of all layers' gate and up projections. */
  public long upBytes() {
    return weights.layers().stream().mapToLong(layer -> layer.feedForward().denseBytes()).sum();
  }

  /** Bytes of all predictors. */
  public long predictorBytes() {
    return calibration.map(Calibration::predictorBytes).orElse(0L);
  }

  /** Bytes of the weights of all layers' down projections, which sparse models read in part. */
  public long downBytes() {
    return weights.layers().stream().mapToLong(layer -> layer.feedForward().down().bytes()).sum();
  }
}
