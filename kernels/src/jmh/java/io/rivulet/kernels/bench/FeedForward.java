package io.rivulet.kernels.bench;

import io.rivulet.kernels.ActivationCodes;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.LaneRows;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.NeuronRows;
import io.rivulet.kernels.PackedMatrix;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.kernels.WeightType;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Layers of a feed-forward network that are computed in turn, so many that no cache holds them. */
final class FeedForward implements AutoCloseable {

  private static final int WIDTH = 2048;
  private static final int NEURONS = 8192;
  private static final int RANK = 128;
  private static final long ALL_BYTES = 1L << 30;

  /**
   * One layer; up and down are packed and by neurons.
   *
   * @param first the predictor's first stage, rank x width
   * @param second its second stage, neurons x rank
   */
  private record Layer(
      PackedMatrix up, PackedMatrix down, NeuronRows rows, PackedMatrix first, LaneRows second) {}

  private final Arena arena = Arena.ofShared();
  private final Machine machine;

  // As in a forward pass: few wide parts for sums of rows, of which each reads a piece of all rows.
  private final int parts;
  private final int wideParts;
  private final Kernels kernels;
  private final double density;
  private final FloatTensor x = Samples.activations(arena, 1, WIDTH, 1);
  private final ActivationCodes codes = ActivationCodes.allocate(arena, 1, WIDTH);
  private final FloatTensor hidden = Samples.activations(arena, 1, NEURONS, 2);
  private final ActivationCodes hiddenCodes = ActivationCodes.allocate(arena, 1, NEURONS);
  private final FloatTensor reduced = FloatTensor.allocate(arena, 1, RANK);
  private final FloatTensor scores = FloatTensor.allocate(arena, 1, NEURONS);
  private final FloatTensor out = FloatTensor.allocate(arena, 1, WIDTH);
  private final int[] predicted = new int[NEURONS];
  private final int[][] ids = new int[1][];
  private final int[] counts = new int[1];

  private final ThreadTeam.Task up;
  private final ThreadTeam.Task down;
  private final ThreadTeam.Task sparseUp;
  private final ThreadTeam.Task sparseDown;
  private final ThreadTeam.Task reduce;
  private final ThreadTeam.Task score;

  private final List<Layer> layers;

  // For each layer the neurons that are active where no predictor names others.
  private final int[][] active;
  private Layer layer;
  private int turn;

  FeedForward(Machine machine, WeightType type, double density) {
    this.machine = machine;
    this.density = density;
    parts = machine.threads == 1 ? 1 : 2 * machine.threads;
    wideParts = machine.threads;
    kernels = machine.kernels();
    kernels.quantize(x, 0, codes);
    kernels.quantize(hidden, 0, hiddenCodes);
    long layerBytes = 2 * type.rowBytes(NEURONS) * WIDTH;
    layers = LongStream.range(0, ALL_BYTES / layerBytes).mapToObj(i -> layer(type, i)).toList();
    layer = layers.getFirst();
    active =
        IntStream.range(0, layers.size())
            .mapToObj(seed -> Samples.active(NEURONS, density, seed))
            .toArray(int[][]::new);
    up =
        part ->
            kernels.multiply(layer.up, codes, 1, hidden, start(NEURONS, part), end(NEURONS, part));
    down =
        part ->
            kernels.multiply(layer.down, hiddenCodes, 1, out, start(WIDTH, part), end(WIDTH, part));
    sparseUp =
        part ->
            kernels.multiplyRows(
                layer.up,
                codes,
                0,
                ids[0],
                counts[0] * part / parts,
                counts[0] * (part + 1) / parts,
                hidden);
    sparseDown =
        part -> {
          int from = WIDTH / wideParts * part;
          kernels.accumulateRows(
              layer.rows, hidden, 1, ids, counts, out, from, from + WIDTH / wideParts);
        };
    reduce =
        part ->
            kernels.multiply(layer.first, codes, 1, reduced, start(RANK, part), end(RANK, part));
    score =
        part ->
            kernels.score(
                layer.second, reduced, 0, scores, start(NEURONS, part), end(NEURONS, part));
  }

  private int start(int elements, int part) {
    return elements / parts * part;
  }

  private int end(int elements, int part) {
    return start(elements, part + 1);
  }

  private Layer layer(WeightType type, long seed) {
    try (Arena stored = Arena.ofShared()) {
      Matrix downStored = Samples.weights(stored, type, WIDTH, NEURONS, seed);
      PackedMatrix first =
          PackedMatrix.of(Samples.weights(stored, WeightType.Q8_0, RANK, WIDTH, seed), arena);
      return new Layer(
          PackedMatrix.of(Samples.weights(stored, type, NEURONS, WIDTH, seed), arena),
          PackedMatrix.of(downStored, arena),
          NeuronRows.of(downStored, arena),
          first,
          second(stored, first, seed));
    }
  }

  /** Biases such that the share of scores that are positive is the density. */
  private LaneRows second(Arena stored, PackedMatrix first, long seed) {
    FloatTensor values = Samples.activations(stored, NEURONS, RANK, seed);
    float[] biases = new float[NEURONS];
    kernels.multiply(first, codes, 1, reduced, 0, RANK);
    kernels.score(LaneRows.of(stored, values, biases), reduced, 0, scores, 0, NEURONS);
    float[] sorted = scores.row(0);
    Arrays.sort(sorted);
    Arrays.fill(biases, -sorted[(int) (NEURONS * (1 - density))]);
    return LaneRows.of(arena, values, biases);
  }

  /** Goes on to the next layer, where other neurons are active. */
  void next() {
    turn = turn + 1 == layers.size() ? 0 : turn + 1;
    layer = layers.get(turn);
    ids[0] = active[turn];
    counts[0] = active[turn].length;
  }

  void up() {
    machine.run(parts, up);
  }

  void down() {
    machine.run(parts, down);
  }

  void sparseUp() {
    machine.run(parts, sparseUp);
  }

  void sparseDown() {
    machine.run(wideParts, sparseDown);
  }

  void predict() {
    machine.run(parts, reduce);
    machine.run(parts, score);
    ids[0] = predicted;
    counts[0] = kernels.positive(scores, 0, 0, NEURONS, predicted, 0);
  }

  @Override
  public void close() {
    arena.close();
  }
}
