package io.rivulet.model.gguf;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * An open GGUF file, checked from end to end and mapped read-only into memory. It owns the mapping:
 * after {@link #close()} no tensor and no array of it may be touched, so close it only once nothing
 * computes with it any more. Safe to read from many threads. Do not truncate the file meanwhile.
 */
public final class GgufFile implements ModelFile {

  private final Path path;
  private final Arena arena;
  private final long fileSize;
  private final int version;
  private final GgufMetadata metadata;
  private final SequencedMap<String, GgufTensor> tensors;

  private GgufFile(Path path, Arena arena, long fileSize, GgufParser parser) {
    this.path = path;
    this.arena = arena;
    this.fileSize = fileSize;
    this.version = parser.version();
    this.metadata = parser.metadata();
    var byName = new LinkedHashMap<String, GgufTensor>();
    parser.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
    this.tensors = Collections.unmodifiableSequencedMap(byName);
  }

  /**
   * Maps and checks a file. Costs memory for its keys, scalar strings and tensor names alone.
   *
   * @throws ModelFileException if it is not there, cannot be read, or is not a sound GGUF file
   */
  public static GgufFile open(Path path) {
    requireNonNull(path, "path is null");
    if (Files.isDirectory(path)) {
      throw new ModelFileException(path, "is a directory", "give the path of a .gguf file in it");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new ModelFileException(path, "is not a regular file", "give the path of a .gguf file");
    }
    @SuppressWarnings("MustBeClosedChecker") // the opened file owns it
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path)) {
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new GgufFile(path, arena, file.byteSize(), new GgufParser(path, file));
    } catch (NoSuchFileException e) {
      arena.close();
      throw new ModelFileException(path, "does not exist", "give the path of a .gguf file", e);
    } catch (AccessDeniedException e) {
      arena.close();
      throw new ModelFileException(path, "may not be read", "mend its permissions", e);
    } catch (IOException e) {
      arena.close();
      String problem = "cannot be read: " + e.getMessage();
      throw new ModelFileException(path, problem, "check the disk, or copy it again", e);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public long fileSize() {
    return fileSize;
  }

  /** The format's version, 2 or 3. */
  public int version() {
    return version;
  }

  @Override
  public GgufMetadata metadata() {
    return metadata;
  }

  @Override
  public Collection<GgufTensor> tensors() {
    return tensors.sequencedValues();
  }

  @Override
  public Optional<GgufTensor> tensor(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /** Unmaps the file. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
