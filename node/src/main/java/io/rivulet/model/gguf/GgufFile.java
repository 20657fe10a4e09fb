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
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * An open GGUF file, or all files of a model that was split, checked from end to end and mapped
 * read-only into memory. It owns the mappings: after {@link #close()} no tensor and no array of it
 * may be touched, so close it only once nothing computes with it any more. Safe to read from many
 * threads. Do not truncate the files meanwhile.
 */
public final class GgufFile implements ModelFile {

  private final Path path;
  private final Arena arena;
  private final List<GgufParser> shards;
  private final SequencedMap<String, GgufTensor> tensors;

  private GgufFile(Path path, Arena arena) {
    this.path = path;
    this.arena = arena;
    this.shards = GgufShards.all(read(path, arena), shard -> read(shard, arena));
    var byName = new LinkedHashMap<String, GgufTensor>();
    for (GgufParser shard : shards) {
      shard.tensors().forEach(tensor -> byName.put(tensor.name(), tensor));
    }
    this.tensors = Collections.unmodifiableSequencedMap(byName);
  }

  /**
   * Maps and checks a file; where it is one of several that a model was split into, all of them.
   * Costs memory for keys, scalar strings and tensor names alone.
   *
   * @throws ModelFileException if it is not there, cannot be read, or is not a sound GGUF file
   */
  public static GgufFile open(Path path) {
    requireNonNull(path, "path is null");
    @SuppressWarnings("MustBeClosedChecker") // the opened file owns it
    Arena arena = Arena.ofShared();
    try {
      return new GgufFile(path, arena);
    } catch (RuntimeException e) {
      arena.close();
      throw e;
    }
  }

  private static GgufParser read(Path path, Arena arena) {
    if (Files.isDirectory(path)) {
      throw new ModelFileException(path, "is a directory", "give the path of a .gguf file in it");
    }
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new ModelFileException(path, "is not a regular file", "give the path of a .gguf file");
    }
    try (FileChannel channel = FileChannel.open(path)) {
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new GgufParser(path, file);
    } catch (NoSuchFileException e) {
      throw new ModelFileException(path, "does not exist", "give the path of a .gguf file", e);
    } catch (AccessDeniedException e) {
      throw new ModelFileException(path, "may not be read", "mend its permissions", e);
    } catch (IOException e) {
      String problem = "cannot be read: " + e.getMessage();
      throw new ModelFileException(path, problem, "check the disk, or copy it again", e);
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public long fileSize() {
    return shards.stream().mapToLong(GgufParser::fileSize).sum();
  }

  /** The format's version, 2 or 3. */
  public int version() {
    return shards.getFirst().version();
  }

  /** Its files, in order: several where the model was split. */
  public List<Path> files() {
    return shards.stream().map(GgufParser::path).toList();
  }

  /** The key-value pairs of the first file. */
  @Override
  public GgufMetadata metadata() {
    return shards.getFirst().metadata();
  }

  @Override
  public Collection<GgufTensor> tensors() {
    return tensors.sequencedValues();
  }

  @Override
  public Optional<GgufTensor> tensor(String name) {
    return Optional.ofNullable(tensors.get(name));
  }

  /** Unmaps all of it. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
