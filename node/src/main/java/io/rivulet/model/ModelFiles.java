package io.rivulet.model;

import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.huggingface.HuggingFaceModel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens a model whatever it is stored as. */
public final class ModelFiles {

  private ModelFiles() {}

  /**
   * Maps and checks a GGUF file, or a Hugging Face directory with config.json and safetensors.
   *
   * @throws ModelFileException if it is neither, cannot be read or is not sound
   */
  public static ModelFile open(Path path) {
    return Files.isDirectory(path) ? HuggingFaceModel.open(path) : GgufFile.open(path);
  }
}
