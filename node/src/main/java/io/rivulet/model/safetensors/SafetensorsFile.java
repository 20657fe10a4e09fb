package io.rivulet.model.safetensors;

import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * One file.
 *
 * @param bytes of all of it
 * @param metadata the strings under {@code __metadata__}, in the file's order
 * @param tensors by name, in the order of their bytes
 */
public record SafetensorsFile(
    Path path,
    long bytes,
    SequencedMap<String, String> metadata,
    SequencedMap<String, SafetensorsTensor> tensors) {

  public SafetensorsFile {
    metadata = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(metadata));
    tensors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tensors));
  }

  /**
   * Maps and checks a file.
   *
   * @param arena owns the mapping
   * @throws ModelFileException if it is not there, cannot be read or is not sound
   */
  public static SafetensorsFile open(Path path, Arena arena) {
    MemorySegment file = map(path, arena);
    SafetensorsHeader header = SafetensorsHeader.read(path, file);
    var tensors = new LinkedHashMap<String, SafetensorsTensor>();
    header.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    return new SafetensorsFile(path, file.byteSize(), header.metadata(), tensors);
  }

  private static MemorySegment map(Path path, Arena arena) {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      throw new ModelFileException(path, "is not a regular file", "download the model again");
    }
    try (FileChannel channel = FileChannel.open(path)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    } catch (NoSuchFileException e) {
      throw new ModelFileException(path, "does not exist", "download all shards of the model", e);
    } catch (AccessDeniedException e) {
      throw new ModelFileException(path, "may not be read", "mend its permissions", e);
    } catch (IOException e) {
      String problem = "cannot be read: " + e.getMessage();
      throw new ModelFileException(path, problem, "check the disk, or copy it again", e);
    }
  }
}
