package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFileException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Tokenizers as Hugging Face keeps them beside a model's weights, written the way that GGUF files
 * have them: tokenizer.json, or a SentencePiece tokenizer.model, or GPT-2's vocab.json and
 * merges.txt, with tokenizer_config.json, special_tokens_map.json, config.json,
 * generation_config.json and chat_template.jinja where they are. What GGUF cannot say is refused.
 */
public final class TokenizerJson {

  private static final String ADD_BOS_KEY = "tokenizer.ggml.add_bos_token";
  private static final String ADD_EOS_KEY = "tokenizer.ggml.add_eos_token";

  private TokenizerJson() {}

  /**
   * Writes the keys {@code tokenizer.*}.
   *
   * @param directory holds the files
   * @param vocabulary rows of the model's embedding, 1 to 2^22; ids without a token become unused
   * @throws ModelFileException if a file is not sound, names tokens beyond the embedding, or asks
   *     for what GGUF cannot say
   */
  public static void describe(Path directory, int vocabulary, GgufWriter into) {
    Path json = directory.resolve("tokenizer.json");
    Path model = directory.resolve("tokenizer.model");
    Path texts = directory.resolve("vocab.json");
    if (Files.isRegularFile(json)) {
      describeJson(directory, TokenizerFile.read(json, vocabulary), into);
    } else if (Files.isRegularFile(model)) {
      describeSentencePiece(directory, SentencePieceFile.read(model, vocabulary), into);
    } else if (Files.isRegularFile(texts)) {
      describeGpt2(directory, TokenizerFile.readGpt2(directory, vocabulary), into);
    } else {
      throw new ModelFileException(
          directory,
          "has no tokenizer.json, tokenizer.model, or vocab.json with merges.txt",
          "download the model's tokenizer files too");
    }
    ChatTemplateFile.read(directory)
        .ifPresent(template -> into.text("tokenizer.chat_template", template));
  }

  private static void describeJson(Path directory, TokenizerFile file, GgufWriter into) {
    String type = file.model().requiredText("type");
    var ids = new SpecialTokenIds(file.tokens());
    ids.read(directory);
    var around = new PostProcessor(file.fields(), ids);
    boolean spaced = type.equals("Unigram") || file.model().bool("byte_fallback").orElse(false);
    switch (type) {
      case "BPE" -> {
        if (spaced) {
          new SpacedVocabulary(file).writeBpe(into);
        } else {
          writeByteLevel(file, PreTokenizerName.of(file), into);
        }
      }
      case "Unigram" -> new SpacedVocabulary(file).writeUnigram(into);
      default ->
          throw file.model()
              .invalid(
                  "type",
                  "is %s, known are BPE and Unigram".formatted(ModelFileException.quote(type)));
    }
    ids.write(into);
    if (spaced || around.addsBos()) {
      into.bool(ADD_BOS_KEY, around.addsBos());
    }
    if (spaced || around.addsEos()) {
      into.bool(ADD_EOS_KEY, around.addsEos());
    }
    readAround(directory, into);
  }

  private static void describeSentencePiece(
      Path directory, SentencePieceFile file, GgufWriter into) {
    AddedTokens.read(directory, file.tokens());
    var ids = new SpecialTokenIds(file.tokens());
    ids.read(directory);
    file.offerIds(ids);
    file.write(into);
    ids.write(into);
    if (!ids.has("bos")) {
      into.bool(ADD_BOS_KEY, false);
    }
    readAround(directory, into);
  }

  private static void describeGpt2(Path directory, TokenizerFile file, GgufWriter into) {
    AddedTokens.read(directory, file.tokens());
    var ids = new SpecialTokenIds(file.tokens());
    ids.read(directory);
    List.copyOf(ids.all().toList())
        .forEach(id -> file.tokens().putAdded(id, file.tokens().text(id), true));
    writeByteLevel(file, "gpt-2", into);
    ids.write(into);
    readAround(directory, into);
  }

  private static void writeByteLevel(TokenizerFile file, String preTokenizer, GgufWriter into) {
    into.text(Vocabulary.MODEL_KEY, "gpt2").text(PreTokenizers.KEY, preTokenizer);
    file.tokens().write(into, false);
    into.texts(MergeRanks.KEY, file.merges());
  }

  /** What tokenizer_config.json says about tokens around a text goes over all else. */
  private static void readAround(Path directory, GgufWriter into) {
    JsonFields.read(directory.resolve("tokenizer_config.json"))
        .ifPresent(
            config -> {
              config.bool("add_bos_token").ifPresent(add -> into.bool(ADD_BOS_KEY, add));
              config.bool("add_eos_token").ifPresent(add -> into.bool(ADD_EOS_KEY, add));
            });
  }
}
