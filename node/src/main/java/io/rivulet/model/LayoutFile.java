package io.rivulet.model;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Matrices that were laid out to compute with, kept in a file and mapped: written the first time,
 * found the next. They stand one after another in the order in which they are asked for, from whole
 * pages on, after a page that says what they were made of. A file that was not finished, or was
 * made of something else, is written again.
 */
final class LayoutFile implements AutoCloseable {

  private static final int PAGE = 4096;

  /** Between the parts of a matrix, which begin at cache lines. */
  private static final int GAPS = 4 * FloatTensor.ALIGNMENT;

  private final Path path;
  private final String key;
  private final Arena arena;
  private final FileChannel channel;
  private final Path written;
  private final boolean found;
  private long end = PAGE;

  /**
   * Opens the file, or begins to write it.
   *
   * @param path where it is, or goes once it is finished
   * @param key what it has to be made of, on one line
   * @param arena owns the mappings
   * @throws ModelFileException if it can neither be read nor written
   */
  LayoutFile(Path path, String key, Arena arena) {
    this.path = path;
    this.key = key;
    this.arena = arena;
    try {
      found = isMadeOf(path, key);
      written = found ? path : path.resolveSibling(path.getFileName() + "." + random());
      channel =
          found ? FileChannel.open(path, READ) : FileChannel.open(written, CREATE_NEW, READ, WRITE);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private static String random() {
    return Long.toHexString(System.nanoTime()) + ".partial";
  }

  private static boolean isMadeOf(Path path, String key) throws IOException {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (FileChannel file = FileChannel.open(path, READ)) {
      ByteBuffer start = ByteBuffer.allocate(PAGE);
      while (start.hasRemaining() && file.read(start) > 0) {
        // Reads on until the page is full.
      }
      return start.flip().equals(header(key, file.size()));
    }
  }

  private static ByteBuffer header(String key, long size) {
    String text = "Rivulet weights, laid out, version 1\n" + key + "\n" + size + " bytes\n";
    return ByteBuffer.allocate(PAGE).put(text.getBytes(StandardCharsets.UTF_8)).rewind();
  }

  /** Whether the matrices are there already. */
  boolean found() {
    return found;
  }

  /**
   * The next matrix.
   *
   * @param bytes that it takes
   * @param layOut makes it in memory
   * @param find finds it in memory where it was made before
   */
  <T> T place(long bytes, Consumer<SegmentAllocator> layOut, Function<SegmentAllocator, T> find) {
    long start = end;
    long room = bytes + GAPS;
    end = Math.ceilDiv(start + room, PAGE) * PAGE;
    try {
      if (!found) {
        write(start, room, layOut);
      }
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, start, room, arena);
      MemorySegment memory = MemoryPages.likeAnyOther(mapped, arena);
      return find.apply(SegmentAllocator.slicingAllocator(memory));
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private void write(long start, long room, Consumer<SegmentAllocator> layOut) throws IOException {
    try (Arena scratch = Arena.ofShared()) {
      MemorySegment memory = scratch.allocate(room, FloatTensor.ALIGNMENT);
      layOut.accept(SegmentAllocator.slicingAllocator(memory));
      writeAll(memory.asByteBuffer(), start);
      writeAll(ByteBuffer.allocate((int) (end - start - room)), start + room);
    }
  }

  private void writeAll(ByteBuffer bytes, long at) throws IOException {
    long next = at;
    while (bytes.hasRemaining()) {
      next += channel.write(bytes, next);
    }
  }

  /** To be called when the last matrix has its place. */
  void finish() {
    if (found) {
      return;
    }
    try {
      writeAll(header(key, end), 0);
      channel.force(true);
      Files.move(
          written, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Closes the file, which stays mapped, and deletes what was not finished. */
  @Override
  public void close() {
    try {
      channel.close();
      if (!found) {
        Files.deleteIfExists(written);
      }
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private ModelFileException unusable(IOException e) {
    return new ModelFileException(
        path,
        "cannot keep the weights that do not fit in memory: " + e,
        "make room for it on the disk and let it be written, or give the process more memory");
  }
}
