package io.rivulet.model;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.chat.ChatTemplate;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.ModelFingerprint;
import io.rivulet.model.profile.NeuronOrder;
import io.rivulet.model.profile.ProfiledModel;
import io.rivulet.model.profile.SparsityProfile;
import io.rivulet.model.profile.SparsityProfileFile;
import io.rivulet.model.tokenizer.Tokenizer;
import io.rivulet.model.tokenizer.Tokenizers;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A model file ready to compute: the owner of its mapping and of what was copied out of it. Close
 * it after every engine that uses it.
 */
public final class LoadedModel implements AutoCloseable {

  private final ModelFile file;
  private final Arena arena = Arena.ofShared();
  private final Tokenizer tokenizer;
  private final Optional<ChatTemplate> chatTemplate;
  private final Optional<SparsityProfile> profile;
  private final Transformer transformer;

  private LoadedModel(
      ModelFile file,
      Kernels kernels,
      boolean downByNeurons,
      WeightMemory memory,
      Optional<Path> profileFile) {
    this.file = file;
    boolean loaded = false;
    try {
      ModelSpecReader.architecture(file.metadata());
      tokenizer = Tokenizers.from(file);
      chatTemplate = ChatTemplate.from(file.metadata(), tokenizer);
      ModelSpec spec = ModelSpecReader.read(file, tokenizer.size());
      profile =
          profileFile.map(path -> SparsityProfileFile.read(path, profiled(file, spec), arena));
      List<Optional<NeuronOrder>> orders =
          profile.stream()
              .flatMap(each -> each.layers().stream())
              .map(LayerProfile::order)
              .toList();
      WeightLoading loading = WeightLoading.load(file, spec, arena, downByNeurons, memory, orders);
      transformer =
          new Transformer(
              spec,
              loading,
              kernels,
              profile.map(each -> CalibrationReader.read(each, loading.weights(), arena)));
      loaded = true;
    } finally {
      if (!loaded) {
        close();
      }
    }
  }

  /**
   * Maps a GGUF file, or a Hugging Face directory, and checks all of it: header, tokenizer,
   * hyper-parameters, tensors.
   *
   * @throws ModelFileException if the file cannot be read, or is not a model that this version
   *     computes; its message is one line with the file, the reason and the mend
   */
  public static LoadedModel open(Path path, Kernels kernels) {
    return open(path, kernels, WeightMemory.AUTO);
  }

  /** The same with a say in where weights lie. */
  public static LoadedModel open(Path path, Kernels kernels, WeightMemory memory) {
    return new LoadedModel(ModelFiles.open(path), kernels, false, memory, Optional.empty());
  }

  /**
   * The same with a profile of the model's sparsity.
   *
   * @throws ModelFileException if the profile cannot be read or is one of another model, too
   */
  public static LoadedModel open(Path path, Path profile, Kernels kernels) {
    return open(path, profile, kernels, WeightMemory.AUTO);
  }

  /** The same with a say in where weights lie. */
  public static LoadedModel open(Path path, Path profile, Kernels kernels, WeightMemory memory) {
    return new LoadedModel(ModelFiles.open(path), kernels, true, memory, Optional.of(profile));
  }

  /**
   * The same with down projections a row a neuron, even where none is exactly zero: as a profile
   * needs them that is still to be made.
   */
  public static LoadedModel openByNeurons(Path path, Kernels kernels) {
    return new LoadedModel(
        ModelFiles.open(path), kernels, true, WeightMemory.AUTO, Optional.empty());
  }

  /** The file. */
  public Path path() {
    return file.path();
  }

  /** Sizes and kinds. */
  public ModelSpec spec() {
    return transformer.spec();
  }

  /** The file's tokenizer. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /** How the model wants a conversation written, if its file says so. */
  public Optional<ChatTemplate> chatTemplate() {
    return chatTemplate;
  }

  /** The weights, and how to compute with them. */
  public Transformer transformer() {
    return transformer;
  }

  /** The profile that the transformer computes with. */
  public Optional<SparsityProfile> profile() {
    return profile;
  }

  /** What a sparsity profile has to fit. */
  public ProfiledModel profiled() {
    return profiled(file, spec());
  }

  private static ProfiledModel profiled(ModelFile file, ModelSpec spec) {
    return new ProfiledModel(
        ModelFingerprint.of(file), spec.layers(), spec.neurons(), spec.width());
  }

  /** Bytes of the file. */
  public long fileBytes() {
    return file.fileSize();
  }

  /**
   * Bytes of the weights as they are computed with: those a token reads if no neuron is skipped.
   */
  public long weightBytes() {
    return transformer.denseBytes() + transformer.downBytes();
  }

  /** Unmaps the file and frees the rest; nothing may compute with the model any more. */
  @Override
  public void close() {
    arena.close();
    file.close();
  }
}
