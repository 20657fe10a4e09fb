package io.rivulet.model.gguf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The files that a model was split into, as llama-gguf-split names and numbers them: {@code
 * NAME-00001-of-00003.gguf}. Each says in keys which one it is, of how many, and how many tensors
 * all have together.
 */
final class GgufShards {

  static final String NUMBER_KEY = "split.no";
  static final String COUNT_KEY = "split.count";
  static final String TENSORS_KEY = "split.tensors.count";

  private static final int MAX_SHARDS = 1024;
  private static final int MAX_NAMED = 5;
  private static final int MAX_TENSORS = (int) GgufParser.MAX_TENSORS;
  private static final Pattern NAME = Pattern.compile("(.*)-([0-9]{5})-of-([0-9]{5})\\.gguf");

  private final Path opened;
  private final int count;
  private final String prefix;

  private GgufShards(Path opened, int count, String prefix) {
    this.opened = opened;
    this.count = count;
    this.prefix = prefix;
  }

  /**
   * All files of the model that one of them belongs to, in order; that one alone if it is whole.
   *
   * @param opened any of them, already read
   * @param read reads another
   */
  static List<GgufParser> all(GgufParser opened, Function<Path, GgufParser> read) {
    GgufMetadata metadata = opened.metadata();
    int count = metadata.integer(COUNT_KEY, 0, MAX_SHARDS, 1);
    if (count <= 1) {
      return List.of(opened);
    }
    int number = metadata.integer(NUMBER_KEY, 0, count - 1);
    var shards = new GgufShards(opened.path(), count, prefix(opened.path(), number, count));
    shards.requireAll();
    var all = new ArrayList<GgufParser>();
    for (int i = 0; i < count; i++) {
      all.add(i == number ? opened : read.apply(shards.path(i)));
    }
    shards.check(all);
    return all;
  }

  private static String prefix(Path path, int number, int count) {
    String name = path.toAbsolutePath().getFileName().toString();
    Matcher parts = NAME.matcher(name);
    String end = "-%05d-of-%05d.gguf".formatted(number + 1, count);
    if (!parts.matches() || !name.endsWith(end)) {
      throw new ModelFileException(
          path,
          "is part %d of %d by its keys %s and %s, but its name does not end in %s"
              .formatted(number + 1, count, NUMBER_KEY, COUNT_KEY, end),
          "give every part the name that it was downloaded by");
    }
    return parts.group(1);
  }

  private Path path(int number) {
    return opened.resolveSibling("%s-%05d-of-%05d.gguf".formatted(prefix, number + 1, count));
  }

  private void requireAll() {
    List<String> missing =
        IntStream.range(0, count)
            .mapToObj(this::path)
            .filter(path -> !Files.exists(path))
            .map(path -> path.getFileName().toString())
            .toList();
    if (!missing.isEmpty()) {
      String named = String.join(", ", missing.subList(0, Math.min(missing.size(), MAX_NAMED)));
      String more =
          missing.size() > MAX_NAMED ? " and %d more".formatted(missing.size() - MAX_NAMED) : "";
      throw new ModelFileException(
          opened,
          "is part of a model of %d files, of which %s%s are missing".formatted(count, named, more),
          "put all of them into one folder");
    }
  }

  private void check(List<GgufParser> all) {
    int expected = all.getFirst().metadata().integer(TENSORS_KEY, 0, MAX_TENSORS);
    Map<String, Path> owners = new HashMap<>();
    for (int i = 0; i < count; i++) {
      GgufParser shard = all.get(i);
      requireSame(shard, NUMBER_KEY, i);
      requireSame(shard, COUNT_KEY, count);
      requireSame(shard, TENSORS_KEY, expected);
      for (GgufTensor tensor : shard.tensors()) {
        Path other = owners.putIfAbsent(tensor.name(), shard.path());
        if (other != null) {
          throw new ModelFileException(
              shard.path(),
              "has tensor %s, which is in %s too"
                  .formatted(ModelFileException.quote(tensor.name()), other.getFileName()),
              "download all parts again");
        }
      }
      if (owners.size() > expected) {
        break;
      }
    }
    if (owners.size() != expected) {
      throw all.getFirst()
          .metadata()
          .invalid(
              TENSORS_KEY,
              "is %d, but the parts have %s%d tensors"
                  .formatted(expected, owners.size() > expected ? "at least " : "", owners.size()));
    }
  }

  private static void requireSame(GgufParser shard, String key, int expected) {
    int value = shard.metadata().integer(key, 0, MAX_TENSORS);
    if (value != expected) {
      throw shard
          .metadata()
          .invalid(key, "is %d, expected %d by the other parts".formatted(value, expected));
    }
  }
}
