package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;

/** Makes the tokenizer that a model file asks for. */
public final class Tokenizers {

  private Tokenizers() {}

  /**
   * The tokenizer of the file's vocabulary; it does not need the file to stay open.
   *
   * @throws ModelFileException if the vocabulary is not sound or of a kind not known
   */
  public static Tokenizer from(ModelFile file) {
    GgufMetadata metadata = file.metadata();
    String model = metadata.text(Vocabulary.MODEL_KEY);
    return switch (model) {
      case "llama" -> new SentencePieceTokenizer(Vocabulary.from(metadata), metadata);
      default ->
          throw new ModelFileException(
              file.path(),
              "key %s is %s, known is 'llama'"
                  .formatted(Vocabulary.MODEL_KEY, ModelFileException.quote(model)),
              "use a model with a SentencePiece vocabulary");
    };
  }
}
