package io.rivulet.model;

import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.profile.ModelFingerprint;
import io.rivulet.model.profile.NeuronOrder;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Weights, laid out where there is room for them.
 *
 * @param readAheadBytes present where FFNs are in a mapped file that is to be read ahead: what of
 *     it may be kept in memory
 */
record WeightLoading(Weights weights, Optional<Long> readAheadBytes) {

  private static final Logger log = LoggerFactory.getLogger(WeightLoading.class);
  private static final int MEBIBYTE = 1 << 20;

  /** What weights may take of the memory that is to be had: the rest is for caches and the JVM. */
  private static final double SHARE = 0.75;

  /** What of the memory that is left for weights in a mapped file may be locked. */
  private static final double HOT_SHARE = 0.5;

  /**
   * Loads them.
   *
   * @param arena owns what is laid out
   * @param downByNeurons whether down projections have a row a neuron even where none is ever zero
   * @param orders that each layer's gate and up may lie in where they are not mapped; empty if none
   *     has any
   */
  static WeightLoading load(
      ModelFile file,
      ModelSpec spec,
      Arena arena,
      boolean downByNeurons,
      WeightMemory memory,
      List<Optional<NeuronOrder>> orders) {
    boolean byNeurons = downByNeurons || spec.sparse();
    WeightPacker packer = new WeightPacker(byNeurons, arena);
    long room = (long) (SHARE * AvailableMemory.bytes());
    if (memory == WeightMemory.PACKED
        || (memory == WeightMemory.AUTO && bytes(file, spec) <= room)) {
      Weights weights = WeightsReader.read(file, spec, arena, packer, orders);
      packer.report();
      return new WeightLoading(weights, Optional.empty());
    }
    Weights weights = map(file, spec, arena, packer, byNeurons);
    packer.report();
    long rest = Math.max(0, room - packer.bytes());
    return new WeightLoading(
        weights,
        memory == WeightMemory.MAPPED_PLAIN
            ? Optional.empty()
            : Optional.of((long) (HOT_SHARE * rest)));
  }

  /** Of all matrices as they are laid out. */
  private static long bytes(ModelFile file, ModelSpec spec) {
    LayoutOutline outline = new LayoutOutline(spec);
    try (Arena arena = Arena.ofConfined()) {
      WeightsReader.read(file, spec, arena, outline);
    }
    return outline.linearBytes() + outline.downBytes();
  }

  private static Weights map(
      ModelFile file, ModelSpec spec, Arena arena, WeightPacker packer, boolean byNeurons) {
    Path model = file.path();
    Path path = model.resolveSibling(model.getFileName() + ".layout");
    String key = ModelFingerprint.of(file).sha256() + (byNeurons ? " by neurons" : "");
    try (LayoutFile layout = new LayoutFile(path, key, arena)) {
      log.info(
          "weights of {} MiB {} {}: FFNs are computed from disk",
          bytes(file, spec) / MEBIBYTE,
          layout.found() ? "are in" : "go to",
          path);
      Weights weights =
          WeightsReader.read(file, spec, arena, new MappedLayout(packer, byNeurons, layout));
      layout.finish();
      return weights;
    }
  }
}
