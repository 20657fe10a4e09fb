package io.rivulet.model;

import io.rivulet.kernels.CodedRows;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.NeuronRows;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Has the rows of an FFN that are in a mapped file read from disk as soon as a predictor names
 * their neurons, so that the disk works while layers before are computed, and on many pages at a
 * time. The pages that are asked for most often are kept in memory.
 */
final class ReadAhead {

  /** Steps from one choice of a layer's pages to keep to the next. */
  private static final int STEPS = 16;

  /**
   * One layer's.
   *
   * @param rows of gate, up and down
   * @param shared what all of down's rows need
   */
  private record Layer(List<MappedRows> rows, List<MappedRows> shared) {

    int parts() {
      return rows.size() + shared.size();
    }

    MappedRows part(int index) {
      return index < rows.size() ? rows.get(index) : shared.get(index - rows.size());
    }
  }

  private final StepWork work;
  private final MemoryPages system;
  private final List<Layer> layers;
  private final long allBytes;
  private final long hotBytes;
  private final ThreadTeam.Task part = this::part;
  private int steps;

  // What the tasks work on.
  private PredictionPass predictions;
  private Batch batch = new Batch(1);
  private int layer;

  /**
   * For weights in a mapped file.
   *
   * @param hotBytes what may be kept in memory
   * @param arena owns what is noted of pages
   */
  ReadAhead(MemoryPages system, StepWork work, Weights weights, long hotBytes, Arena arena) {
    this.system = system;
    this.work = work;
    this.hotBytes = hotBytes;
    layers =
        weights.layers().stream().map(each -> layer(system, each.feedForward(), arena)).toList();
    allBytes =
        layers.stream().flatMap(each -> each.rows().stream()).mapToLong(MappedRows::bytes).sum();
  }

  private static Layer layer(MemoryPages system, FeedForwardWeights weights, Arena arena) {
    List<MappedRows> rows = new ArrayList<>();
    List<MappedRows> shared = new ArrayList<>();
    weights.gate().ifPresent(gate -> rows.add(rows(system, gate, arena)));
    rows.add(rows(system, weights.up(), arena));
    if (weights.down() instanceof Down.NeuronMajor(NeuronRows down, var bias)) {
      rows.add(new MappedRows(system, down.rowMemory(), down.rows(), arena));
      if (down instanceof CodedRows coded) {
        shared.add(rows(system, coded.scales(), arena));
        shared.add(rows(system, coded.offsets(), arena));
      }
    }
    return new Layer(List.copyOf(rows), List.copyOf(shared));
  }

  private static MappedRows rows(MemoryPages system, Linear linear, Arena arena) {
    MemorySegment memory = linear.weight().rowMemory();
    return new MappedRows(system, memory, linear.outputs(), arena);
  }

  private static MappedRows rows(MemoryPages system, FloatTensor tensor, Arena arena) {
    return new MappedRows(system, tensor.data(), tensor.rows(), arena);
  }

  /** Reads what a layer's predictor named for the batch's rows that are computed so. */
  void run(PredictionPass named, Batch rows, int layerOfModel) {
    predictions = named;
    batch = rows;
    layer = layerOfModel;
    if (layer == 0) {
      steps++;
    }
    work.run(layers.get(layer).parts(), part);
  }

  private void part(int index) {
    Layer pages = layers.get(layer);
    MappedRows rows = pages.part(index);
    if (index < pages.rows().size()) {
      rows.clear();
      for (int row = 0; row < batch.size(); row++) {
        if (batch.mode(row) == SparsityMode.PREDICTED) {
          rows.ask(predictions.ids(layer, row), predictions.count(layer, row));
        }
      }
    } else {
      rows.askAll();
    }
    rows.readAhead();
    if (steps % STEPS == layer % STEPS) {
      rows.keepMostUsed((long) ((double) hotBytes * rows.bytes() / allBytes));
    }
  }

  /** What it came to so far. */
  ReadAheadTally tally() {
    long asked = 0;
    long there = 0;
    long kept = 0;
    for (Layer each : layers) {
      for (int index = 0; index < each.parts(); index++) {
        asked += each.part(index).pagesAsked();
        there += each.part(index).pagesThere();
        kept += each.part(index).pagesKept();
      }
    }
    return new ReadAheadTally(asked * system.size(), there * system.size(), kept * system.size());
  }
}
