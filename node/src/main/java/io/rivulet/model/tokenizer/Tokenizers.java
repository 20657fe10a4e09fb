package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.tokenizer.VocabularyTokenizer.Defaults;

/** Makes the tokenizer that a model file asks for. */
public final class Tokenizers {

  static final String UNKNOWN_KEY = "tokenizer.ggml.unknown_token_id";

  /** As the format spells it. */
  private static final String SEPARATOR_KEY = "tokenizer.ggml.seperator_token_id";

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
      case "llama" -> sentencePieceBpe(metadata);
      case "gpt2" -> byteLevelBpe(metadata);
      case "t5" -> unigram(metadata);
      case "bert" -> wordPiece(metadata);
      default ->
          throw new ModelFileException(
              file.path(),
              "key %s is %s, known are 'llama', 'gpt2', 't5' and 'bert'"
                  .formatted(Vocabulary.MODEL_KEY, ModelFileException.quote(model)),
              "use a model with a SentencePiece, byte-level BPE or WordPiece vocabulary");
    };
  }

  /** The kind of a file's vocabulary, for people: "byte-level BPE, llama-bpe". */
  public static String kind(GgufMetadata metadata) {
    String model = metadata.text(Vocabulary.MODEL_KEY);
    return switch (model) {
      case "llama" -> "SentencePiece BPE";
      case "gpt2" -> "byte-level BPE, " + metadata.text(PreTokenizers.KEY, "default");
      case "t5" -> "SentencePiece unigram";
      case "bert" -> "WordPiece";
      default -> model;
    };
  }

  private static Tokenizer sentencePieceBpe(GgufMetadata metadata) {
    Vocabulary vocabulary = Vocabulary.from(metadata);
    int unknown = vocabulary.special(metadata, UNKNOWN_KEY, 0);
    return new VocabularyTokenizer(
        vocabulary,
        metadata,
        new Defaults(1, 2, true, false),
        new SentencePieceBpe(vocabulary, metadata, unknown));
  }

  private static Tokenizer byteLevelBpe(GgufMetadata metadata) {
    PreTokenizers kind = PreTokenizers.from(metadata);
    Vocabulary vocabulary = Vocabulary.from(metadata);
    return new VocabularyTokenizer(
        vocabulary,
        metadata,
        new Defaults(Tokenizer.NONE, Tokenizer.NONE, kind.addsBos(), false),
        new ByteLevelBpe(vocabulary, metadata, kind));
  }

  private static Tokenizer unigram(GgufMetadata metadata) {
    Vocabulary vocabulary = Vocabulary.from(metadata);
    int unknown = vocabulary.special(metadata, UNKNOWN_KEY, 2);
    return new VocabularyTokenizer(
        vocabulary,
        metadata,
        new Defaults(Tokenizer.NONE, 1, false, true),
        new Unigram(vocabulary, metadata, unknown));
  }

  private static Tokenizer wordPiece(GgufMetadata metadata) {
    Vocabulary vocabulary = Vocabulary.from(metadata);
    int separator = vocabulary.special(metadata, SEPARATOR_KEY, 102);
    int unknown = vocabulary.special(metadata, UNKNOWN_KEY, 100);
    return new VocabularyTokenizer(
        vocabulary,
        metadata,
        new Defaults(101, separator, true, true),
        new WordPiece(vocabulary, metadata, unknown));
  }
}
