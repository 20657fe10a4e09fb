package io.rivulet.sparsity.calibration;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import io.rivulet.model.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A folder with the steps that a calibration has finished, so that it goes on from there when it is
 * run again after an interruption. A step is what it comes to, to the bit, so it makes no
 * difference whether it was computed or found. The folder is one calibration's alone: of a model,
 * texts and options, which are written down in it; and one process's at a time.
 */
public final class Checkpoint implements AutoCloseable {

  private static final String INPUTS = "calibration.txt";
  private static final String LOCK = "lock";
  private static final String STEP = ".step.safetensors";

  /** What is written down is a few hundred bytes. */
  private static final long MOST_INPUT_BYTES = 1 << 16;

  private final Path folder;
  private final boolean resumed;
  private final FileChannel lock;

  private Checkpoint(Path folder, boolean resumed) throws IOException {
    this.folder = folder;
    this.resumed = resumed;
    lock = FileChannel.open(folder.resolve(LOCK), CREATE, WRITE);
  }

  /**
   * Opens the folder, or makes it.
   *
   * @param inputs all that the outcome depends on: a line each, of a name, a colon and a value
   * @throws IllegalArgumentException if it is of other inputs, in use, or something else
   * @throws IOException if it cannot be read or written
   */
  static Checkpoint open(Path folder, List<String> inputs) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (FileAlreadyExistsException e) {
      throw new IllegalArgumentException(
          folder + " is no directory: move it away, or give another --out", e);
    }
    var checkpoint = new Checkpoint(folder, holds(folder, inputs));
    boolean open = false;
    try {
      if (!checkpoint.acquired()) {
        throw new IllegalArgumentException(
            folder + " is in use by another calibration: wait for it, or give another --out");
      }
      if (!checkpoint.resumed) {
        Files.write(folder.resolve(INPUTS), inputs);
      }
      open = true;
      return checkpoint;
    } finally {
      if (!open) {
        checkpoint.close();
      }
    }
  }

  /** Whether something was finished of this calibration. */
  private static boolean holds(Path folder, List<String> inputs) throws IOException {
    Path file = folder.resolve(INPUTS);
    if (!Files.exists(file)) {
      try (Stream<Path> entries = Files.list(folder)) {
        if (entries.anyMatch(entry -> !entry.endsWith(LOCK))) {
          throw new IllegalArgumentException(
              folder + " holds files of something else: move it away, or give another --out");
        }
      }
      return false;
    }
    List<String> found = Files.size(file) > MOST_INPUT_BYTES ? List.of() : Files.readAllLines(file);
    if (found.equals(inputs)) {
      return true;
    }
    String other = inputs.stream().filter(line -> !found.contains(line)).findFirst().orElse("");
    throw new IllegalArgumentException(
        "%s is of an interrupted calibration with another %s: give what it was begun with to go on, or remove the folder to begin anew"
            .formatted(folder, other.substring(0, Math.max(0, other.indexOf(':')))));
  }

  private boolean acquired() throws IOException {
    try {
      return Optional.ofNullable(lock.tryLock()).isPresent();
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Whether an interrupted calibration goes on. */
  boolean resumed() {
    return resumed;
  }

  Path folder() {
    return folder;
  }

  /** What a step came to, if it was finished. */
  Optional<Step> find(String name) {
    Path file = folder.resolve(name + STEP);
    return Files.exists(file) ? Optional.of(new Step(file)) : Optional.empty();
  }

  /** Keeps what a step came to. */
  void keep(String name, SafetensorsWriter step) throws IOException {
    step.write(folder.resolve(name + STEP));
  }

  /**
   * A file of so many bytes that is filled token by token.
   *
   * @param window tokens after which it can be gone on with
   * @param arena owns its mapping
   */
  TokenFile tokenFile(String name, long bytes, int window, Arena arena) throws IOException {
    return TokenFile.open(folder.resolve(name), bytes, window, arena);
  }

  /** Removes a file that is not needed any more. */
  void removeTokenFile(String name) throws IOException {
    Files.deleteIfExists(folder.resolve(name));
  }

  /** Lets go of the folder; what is in it stays. */
  @Override
  public void close() throws IOException {
    lock.close();
  }

  /**
   * Removes a folder, once what came of it is kept elsewhere.
   *
   * @throws IOException if some of it stays
   */
  public static void remove(Path folder) throws IOException {
    try (Stream<Path> entries = Files.walk(folder)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(entry);
      }
    }
  }
}
