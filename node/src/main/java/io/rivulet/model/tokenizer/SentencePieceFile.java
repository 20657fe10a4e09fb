package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A tokenizer.model, as SentencePiece writes it: a message of Protocol Buffers, of which the pieces
 * are read and what makes a difference to tokens. The numbers of fields and their defaults are
 * those of sentencepiece_model.proto.
 */
final class SentencePieceFile {

  private static final String MEND = "download it again";
  private static final long MAX_BYTES = 1 << 26;
  private static final int UNIGRAM = 1;
  private static final int BPE = 2;

  private final Path path;
  private final TokenList tokens;
  private int pieces;
  private long kind = UNIGRAM;
  private boolean addsSpace = true;
  private boolean mergesSpaces = true;
  private byte[] characterMap = new byte[0];
  private long unknown = 0;
  private long bos = 1;
  private long eos = 2;

  private SentencePieceFile(Path path, int vocabulary) {
    this.path = path;
    this.tokens = new TokenList(path, vocabulary);
  }

  /** Reads a file for an embedding of so many rows. */
  static SentencePieceFile read(Path path, int vocabulary) {
    var file = new SentencePieceFile(path, vocabulary);
    try {
      long size = Files.size(path);
      if (size > MAX_BYTES) {
        throw file.invalid("has %d bytes, the limit is %d".formatted(size, MAX_BYTES));
      }
      file.readModel(new ProtobufMessage(ByteBuffer.wrap(Files.readAllBytes(path))));
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new ModelFileException(path, "is no SentencePiece model, or is cut off", MEND, e);
    } catch (IOException e) {
      throw new ModelFileException(path, "cannot be read: " + e.getMessage(), MEND, e);
    }
    if (file.pieces == 0) {
      throw file.invalid("is no SentencePiece model: it has no pieces");
    }
    return file;
  }

  TokenList tokens() {
    return tokens;
  }

  /** Writes all but special ids. */
  void write(GgufWriter into) {
    if (kind != BPE && kind != UNIGRAM) {
      throw invalid("has trainer_spec.model_type %d, known are 1 and 2".formatted(kind));
    }
    into.text(Vocabulary.MODEL_KEY, kind == BPE ? "llama" : "t5");
    into.text(PreTokenizers.KEY, "default");
    into.bool(Vocabulary.ADD_SPACE_KEY, addsSpace);
    into.bool(Unigram.MERGE_SPACES_KEY, mergesSpaces);
    if (characterMap.length > 0) {
      into.bytes(CharacterMap.KEY, characterMap);
    }
    tokens.write(into, true);
  }

  /** Adds the ids that the file names, where they are not known yet. */
  void offerIds(SpecialTokenIds ids) {
    ids.offer("unk", unknown);
    ids.offer("bos", bos);
    ids.offer("eos", eos);
  }

  private void readModel(ProtobufMessage model) {
    while (model.next()) {
      switch (model.field()) {
        case 1 -> readPiece(model.message());
        case 2 -> readTrainer(model.message());
        case 3 -> readNormalizer(model.message());
        default -> {}
      }
    }
  }

  private void readPiece(ProtobufMessage piece) {
    String text = "";
    float score = 0;
    long type = TokenType.NORMAL.number();
    while (piece.next()) {
      switch (piece.field()) {
        case 1 -> text = piece.text();
        case 2 -> score = piece.real();
        case 3 -> type = piece.number();
        default -> {}
      }
    }
    if (type < TokenType.NORMAL.number() || type >= TokenType.COUNT) {
      throw invalid("has piece %d of type %d, expected 1 to 6".formatted(pieces, type));
    }
    tokens.put(pieces++, text, score, TokenType.ofNumber((int) type));
  }

  private void readTrainer(ProtobufMessage trainer) {
    while (trainer.next()) {
      switch (trainer.field()) {
        case 3 -> kind = trainer.number();
        case 24 -> requireNot(trainer.number() != 0, "treat_whitespace_as_suffix");
        case 40 -> unknown = trainer.number();
        case 41 -> bos = trainer.number();
        case 42 -> eos = trainer.number();
        default -> {}
      }
    }
  }

  private void readNormalizer(ProtobufMessage normalizer) {
    while (normalizer.next()) {
      switch (normalizer.field()) {
        case 2 -> characterMap = normalizer.bytes();
        case 3 -> addsSpace = normalizer.number() != 0;
        case 4 -> mergesSpaces = normalizer.number() != 0;
        case 5 -> requireNot(normalizer.number() == 0, "escape_whitespaces = false");
        default -> {}
      }
    }
  }

  private void requireNot(boolean asked, String option) {
    if (asked) {
      throw invalid("asks for " + option + ", which is not known here");
    }
  }

  private ModelFileException invalid(String problem) {
    return new ModelFileException(path, problem, MEND);
  }
}
