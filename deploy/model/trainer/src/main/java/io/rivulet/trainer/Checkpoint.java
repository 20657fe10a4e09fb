package io.rivulet.trainer;

import ai.djl.pytorch.engine.PtNDManager;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A state of training on disk: sizes, progress, penalties and weights with their moments. */
record Checkpoint(ModelShape shape, Progress progress, double[] penalties, Weights weights) {
  private static final int MAGIC = 0x52495643;
  private static final int KEPT = 2;

  /** Where training stands; {@code windows} counts those used of each of the two lengths. */
  record Progress(int step, double seconds, long tokens, int shortWindows, int longWindows) {}

  /** Writes beside the older ones, whole or not at all, and deletes all but the newest two. */
  void save(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve("checkpoint-%07d.bin".formatted(progress.step()));
    Path unfinished = folder.resolve("unfinished.tmp");
    try (DataOutputStream out =
        new DataOutputStream(
            new BufferedOutputStream(Files.newOutputStream(unfinished), 1 << 20))) {
      out.writeInt(MAGIC);
      for (int size : sizes()) {
        out.writeInt(size);
      }
      out.writeInt(progress.step());
      out.writeDouble(progress.seconds());
      out.writeLong(progress.tokens());
      out.writeInt(progress.shortWindows());
      out.writeInt(progress.longWindows());
      for (double penalty : penalties) {
        out.writeDouble(penalty);
      }
      weights.write(out);
    }
    Files.move(
        unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    List<Path> all = list(folder);
    for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
      Files.delete(old);
    }
  }

  private int[] sizes() {
    return new int[] {
      shape.vocabulary(),
      shape.width(),
      shape.layers(),
      shape.heads(),
      shape.groups(),
      shape.hidden(),
      shape.context()
    };
  }

  static Optional<Path> newest(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    List<Path> all = list(folder);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  /** The newest one, which has to be there. */
  static Path require(Path folder) throws IOException {
    return newest(folder)
        .orElseThrow(() -> new IllegalArgumentException("no checkpoint in " + folder));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().matches("checkpoint-\\d+\\.bin"))
          .sorted()
          .toList();
    }
  }

  static Checkpoint read(PtNDManager manager, Path file) throws IOException {
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 20))) {
      if (in.readInt() != MAGIC) {
        throw new IOException(file + " is not a checkpoint of this trainer");
      }
      ModelShape shape =
          new ModelShape(
              in.readInt(),
              in.readInt(),
              in.readInt(),
              in.readInt(),
              in.readInt(),
              in.readInt(),
              in.readInt());
      Progress progress =
          new Progress(in.readInt(), in.readDouble(), in.readLong(), in.readInt(), in.readInt());
      double[] penalties = new double[shape.layers()];
      for (int i = 0; i < penalties.length; i++) {
        penalties[i] = in.readDouble();
      }
      return new Checkpoint(shape, progress, penalties, Weights.read(manager, shape, in));
    }
  }
}
