package io.rivulet.sparsity.calibration;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import io.rivulet.kernels.FloatTensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A mapped file that is filled as a text goes through a model, and remembers how far: what was of
 * tokens before that is on the disk. It can be gone on with after each window of the text.
 */
final class TokenFile {

  /** Before what is filled: the number of tokens, and nothing. */
  private static final long HEAD = FloatTensor.ALIGNMENT;

  private static final long MEGABYTE = 1_000_000;

  private final MemorySegment all;
  private final int window;

  private TokenFile(MemorySegment all, int window) {
    this.all = all;
    this.window = window;
  }

  /**
   * Opens it, or makes it anew if there is none of that size.
   *
   * @throws IOException if the disk has no room for it
   */
  static TokenFile open(Path path, long bytes, int window, Arena arena) throws IOException {
    long size = Math.addExact(HEAD, bytes);
    boolean there = Files.exists(path) && Files.size(path) == size;
    long room = Files.getFileStore(path.toAbsolutePath().getParent()).getUsableSpace();
    if (!there && room < size) {
      throw new IOException(
          "%s takes %,d MB, but there is room for %,d: give fewer --tokens, or an --out elsewhere"
              .formatted(path, size / MEGABYTE, room / MEGABYTE));
    }
    try (FileChannel channel =
        there
            ? FileChannel.open(path, READ, WRITE)
            : FileChannel.open(path, CREATE, TRUNCATE_EXISTING, READ, WRITE)) {
      return new TokenFile(channel.map(FileChannel.MapMode.READ_WRITE, 0, size, arena), window);
    }
  }

  /** What is filled, aligned for tensors. */
  MemorySegment data() {
    return all.asSlice(HEAD);
  }

  /** The token to go on with, of a text of so many. */
  int next(int tokens) {
    long next = all.get(ValueLayout.JAVA_LONG, 0);
    boolean sound = next >= 0 && next <= tokens && (next % window == 0 || next == tokens);
    return sound ? (int) next : 0;
  }

  /** All before a token has been filled in; remembered at the end of a window. */
  void at(int token) {
    if (token % window == 0) {
      reached(token);
    }
  }

  /** All before a token has been filled in. */
  void reached(int token) {
    all.force();
    all.set(ValueLayout.JAVA_LONG, 0, token);
    all.force();
  }
}
