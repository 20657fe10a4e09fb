package io.rivulet.model.safetensors;

import static io.rivulet.model.gguf.ModelFileException.quote;

import io.rivulet.model.gguf.ModelFileException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The tensors of a directory: of {@code model.safetensors}, or of the shards that {@code
 * model.safetensors.index.json} lists.
 *
 * @param tensors by name, in the order of the files
 * @param bytes of the files
 */
public record SafetensorsDirectory(SequencedMap<String, SafetensorsTensor> tensors, long bytes) {

  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final long MAX_INDEX_BYTES = 1 << 26;
  private static final int MAX_SHARDS = 4096;

  public SafetensorsDirectory {
    tensors = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(tensors));
  }

  /**
   * Maps and checks the files of a directory.
   *
   * @param arena owns the mapping
   * @throws ModelFileException if one is missing, cannot be read or is not sound
   */
  public static SafetensorsDirectory open(Path directory, Arena arena) {
    Path single = directory.resolve(SINGLE);
    Path index = directory.resolve(INDEX);
    if (Files.exists(single)) {
      SafetensorsFile file = SafetensorsFile.open(single, arena);
      return new SafetensorsDirectory(file.tensors(), file.bytes());
    }
    if (!Files.exists(index)) {
      throw new ModelFileException(
          directory,
          "has neither %s nor %s".formatted(SINGLE, INDEX),
          "give the directory of a model in safetensors, or the path of a .gguf file");
    }
    return sharded(directory, index, arena);
  }

  private static SafetensorsDirectory sharded(Path directory, Path index, Arena arena) {
    var byShard = new TreeMap<String, Map<String, Boolean>>();
    for (Map.Entry<String, JsonNode> entry : weightMap(index).properties()) {
      String shard = shardName(index, entry.getKey(), entry.getValue());
      byShard.computeIfAbsent(shard, _ -> new LinkedHashMap<>()).put(entry.getKey(), false);
    }
    if (byShard.isEmpty() || byShard.size() > MAX_SHARDS) {
      throw JsonFile.invalid(
          index,
          "weight_map",
          "names %d shards, expected 1 to %d".formatted(byShard.size(), MAX_SHARDS));
    }
    var tensors = new LinkedHashMap<String, SafetensorsTensor>();
    long bytes = 0;
    for (Map.Entry<String, Map<String, Boolean>> entry : byShard.entrySet()) {
      Path shard = directory.resolve(entry.getKey());
      SafetensorsFile file = SafetensorsFile.open(shard, arena);
      bytes += file.bytes();
      Map<String, Boolean> expected = entry.getValue();
      for (SafetensorsTensor tensor : file.tensors().values()) {
        if (expected.replace(tensor.name(), true) == null) {
          throw new ModelFileException(
              shard,
              "holds tensor %s, which %s does not list there"
                  .formatted(quote(tensor.name()), INDEX),
              "download index and shards of one version of the model");
        }
        tensors.put(tensor.name(), tensor);
      }
      expected.forEach(
          (name, found) -> {
            if (!found) {
              throw new ModelFileException(
                  shard,
                  "does not hold tensor %s, which %s lists there".formatted(quote(name), INDEX),
                  "download index and shards of one version of the model");
            }
          });
    }
    return new SafetensorsDirectory(tensors, bytes);
  }

  private static ObjectNode weightMap(Path index) {
    if (JsonFile.read(index, MAX_INDEX_BYTES).get("weight_map") instanceof ObjectNode map) {
      return map;
    }
    throw JsonFile.invalid(index, "weight_map", "is missing or no JSON object");
  }

  /** A plain name of a file beside the index: nothing that leads out of the directory. */
  private static String shardName(Path index, String tensor, JsonNode shard) {
    String name = shard.isString() ? shard.stringValue() : "";
    boolean plain =
        name.endsWith(".safetensors")
            && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
    if (!plain) {
      throw JsonFile.invalid(
          index,
          tensor,
          "names shard %s, expected the plain name of a .safetensors file"
              .formatted(quote(shard.toString())));
    }
    return name;
  }
}
