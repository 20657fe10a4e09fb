package io.rivulet.model.huggingface;

import static io.rivulet.model.gguf.ModelFileException.quote;

import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.safetensors.SafetensorsDirectory;
import io.rivulet.model.safetensors.SafetensorsTensor;
import io.rivulet.model.tokenizer.TokenizerJson;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A directory as Hugging Face has them, seen as the GGUF file that it would be converted to.
 * Matrices that GGUF holds as they are stored stay where they are mapped; the others, and vectors
 * that are not F32, are made when they are asked for.
 */
public final class HuggingFaceModel implements ModelFile {

  private static final String OUTPUT = "output.weight";
  private static final String EMBEDDING = "token_embd.weight";

  private final Path path;
  private final Arena arena;
  private final long fileSize;
  private final GgufMetadata metadata;
  private final SequencedMap<String, GgufTensor> tensors;

  private HuggingFaceModel(Path path, Arena arena) {
    this.path = path;
    this.arena = arena;
    ConfigFile said = ConfigFile.read(path);
    Family family = Family.of(said);
    ConfigFile config = said.withDefaults(family.defaults());
    Refusals.check(config, family);
    SafetensorsDirectory directory = SafetensorsDirectory.open(path, arena);
    fileSize = directory.bytes();
    var writer = new GgufWriter().text("general.architecture", family.architecture());
    writer.text("general.name", String.valueOf(path.toAbsolutePath().normalize().getFileName()));
    SequencedMap<String, float[]> divisors = Positions.describe(config, family, writer);
    tensors = tensors(config, family, directory, divisors);
    int vocabulary = vocabulary();
    HyperParameters.describe(config, family, vocabulary, writer);
    Activations.describe(config, family, writer);
    TokenizerJson.describe(path, vocabulary, writer);
    metadata = writer.metadata(path);
  }

  /**
   * Maps and checks a directory. Copies no weights.
   *
   * @throws ModelFileException if a file is missing or not sound, or if config.json asks for what
   *     this version does not compute
   */
  public static HuggingFaceModel open(Path directory) {
    @SuppressWarnings("MustBeClosedChecker") // the opened model owns it
    Arena arena = Arena.ofShared();
    try {
      return new HuggingFaceModel(directory, arena);
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

  /** Unmaps the files and frees what was made. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private SequencedMap<String, GgufTensor> tensors(
      ConfigFile config,
      Family family,
      SafetensorsDirectory directory,
      SequencedMap<String, float[]> divisors) {
    var view = new TensorView(config, family, directory.tensors(), arena);
    var byName = new LinkedHashMap<String, GgufTensor>();
    for (SafetensorsTensor tensor : directory.tensors().values()) {
      if (TensorNames.unused(tensor.name()) || view.scalesAnother(tensor)) {
        continue;
      }
      String name = TensorNames.inGguf(tensor.name(), family).orElseThrow(() -> unknown(tensor));
      if (name.equals(OUTPUT) && config.bool("tie_word_embeddings", false)) {
        continue;
      }
      if (byName.putIfAbsent(name, view.of(name, tensor)) != null) {
        throw new ModelFileException(
            tensor.file(),
            "tensor %s is there under another name too".formatted(quote(tensor.name())),
            "keep one of them");
      }
    }
    divisors.forEach((name, values) -> byName.put(name, view.made(name, values)));
    requireOutput(config, byName);
    return Collections.unmodifiableSequencedMap(byName);
  }

  private void requireOutput(ConfigFile config, Map<String, GgufTensor> byName) {
    boolean untied = config.find("tie_word_embeddings").isPresent();
    if (untied && !config.bool("tie_word_embeddings", false) && !byName.containsKey(OUTPUT)) {
      throw new ModelFileException(
          path,
          "has no tensor lm_head.weight, but config.json says that embeddings are not tied",
          "download all files of the model");
    }
  }

  private int vocabulary() {
    GgufTensor embedding = tensors.get(EMBEDDING);
    if (embedding == null) {
      throw new ModelFileException(
          path, "has no tensor for the embeddings of tokens", "download all files of the model");
    }
    if (embedding.rows() > Integer.MAX_VALUE) {
      throw invalid(EMBEDDING, "has %d rows".formatted(embedding.rows()));
    }
    return (int) embedding.rows();
  }

  private static ModelFileException unknown(SafetensorsTensor tensor) {
    return new ModelFileException(
        tensor.file(),
        "holds tensor %s, which would mean a computation that is not done here"
            .formatted(quote(tensor.name())),
        "give a model that this version computes");
  }
}
