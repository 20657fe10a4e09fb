package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;

/**
 * A tokenizer by the vocabulary of a file: tokens that are written out are cut from the text, what
 * is between them goes to the kind of {@link Subwords} the file names. Gives the ids that llama.cpp
 * gives, but for text that spells a control or byte token, which never becomes one here unless it
 * is asked for.
 */
final class VocabularyTokenizer implements Tokenizer {

  private static final String ADD_BOS_KEY = "tokenizer.ggml.add_bos_token";
  private static final String ADD_EOS_KEY = "tokenizer.ggml.add_eos_token";

  private final Vocabulary vocabulary;
  private final Subwords subwords;
  private final TokenCutter userDefined;
  private final TokenCutter writtenOut;
  private final BitSet ends;
  private final int bos;
  private final int eos;
  private final boolean addBos;
  private final boolean addEos;

  /** What a kind of tokenizer does where a file does not say. */
  record Defaults(int bos, int eos, boolean addBos, boolean addEos) {}

  VocabularyTokenizer(
      Vocabulary vocabulary, GgufMetadata metadata, Defaults defaults, Subwords subwords) {
    this.vocabulary = vocabulary;
    this.subwords = subwords;
    this.bos = vocabulary.special(metadata, "tokenizer.ggml.bos_token_id", defaults.bos());
    this.eos = vocabulary.special(metadata, "tokenizer.ggml.eos_token_id", defaults.eos());
    this.addBos = metadata.bool(ADD_BOS_KEY, defaults.addBos());
    this.addEos = metadata.bool(ADD_EOS_KEY, defaults.addEos());
    requireToken(metadata, addBos, bos, ADD_BOS_KEY);
    requireToken(metadata, addEos, eos, ADD_EOS_KEY);
    this.ends = GenerationEnd.of(vocabulary, metadata, eos);
    this.userDefined = new TokenCutter(vocabulary, metadata, EnumSet.of(TokenType.USER_DEFINED));
    this.writtenOut =
        new TokenCutter(
            vocabulary,
            metadata,
            EnumSet.of(TokenType.USER_DEFINED, TokenType.CONTROL, TokenType.UNKNOWN));
    for (int id = 0; id < vocabulary.size(); id++) {
      if (vocabulary.type(id) == TokenType.BYTE
          && !vocabulary.text(id).matches("<0x[0-9A-Fa-f]{2}>")) {
        throw metadata.invalid(
            Vocabulary.TYPES_KEY, "calls token " + id + " a byte, but its text is not <0xNN>");
      }
    }
  }

  @Override
  public int[] encode(String text) {
    var ids = new IdList();
    if (addBos) {
      ids.add(bos);
    }
    encode(text, userDefined, ids);
    if (addEos) {
      ids.add(eos);
    }
    return ids.toArray();
  }

  @Override
  public int[] encodeWithControls(String text) {
    var ids = new IdList();
    if (addBos && !text.startsWith(vocabulary.text(bos))) {
      ids.add(bos);
    }
    encode(text, writtenOut, ids);
    if (addEos && !ids.endsWith(eos)) {
      ids.add(eos);
    }
    return ids.toArray();
  }

  private void encode(String text, TokenCutter cutter, IdList ids) {
    boolean first = true;
    for (TokenCutter.Part part : cutter.split(wellFormed(text))) {
      switch (part) {
        case TokenCutter.Token(int id) -> {
          ids.add(id);
          first = true;
        }
        case TokenCutter.Text(String piece) -> {
          subwords.encode(piece, first, ids);
          first = false;
        }
      }
    }
  }

  @Override
  public byte[] bytes(int id) {
    Objects.checkIndex(id, vocabulary.size());
    String text = vocabulary.text(id);
    return switch (vocabulary.type(id)) {
      case CONTROL, UNKNOWN -> new byte[0];
      case USER_DEFINED -> text.getBytes(StandardCharsets.UTF_8);
      case UNDEFINED, NORMAL, UNUSED -> subwords.bytes(text);
      case BYTE -> new byte[] {(byte) HexFormat.fromHexDigits(text, 3, 5)};
    };
  }

  @Override
  public String decode(int[] ids) {
    var text = new ByteArrayOutputStream();
    boolean spaced = subwords.addsSpace();
    for (int id : ids) {
      byte[] piece = bytes(id);
      TokenType type = vocabulary.type(id);
      if (type == TokenType.CONTROL || type == TokenType.USER_DEFINED) {
        text.writeBytes(piece);
        spaced = subwords.addsSpaceBehindTokens() || (spaced && piece.length == 0);
      } else {
        int from = spaced && piece.length > 0 && piece[0] == ' ' ? 1 : 0;
        text.write(piece, from, piece.length - from);
        spaced = false;
      }
    }
    return text.toString(StandardCharsets.UTF_8);
  }

  @Override
  public int bos() {
    return bos;
  }

  @Override
  public int eos() {
    return eos;
  }

  @Override
  public boolean endsGeneration(int id) {
    return ends.get(id);
  }

  @Override
  public int size() {
    return vocabulary.size();
  }

  private static void requireToken(GgufMetadata metadata, boolean wanted, int id, String key) {
    if (wanted && id == NONE) {
      throw metadata.invalid(key, "is true, but the vocabulary has no such token");
    }
  }

  private static String wellFormed(String text) {
    if (text.codePoints().noneMatch(VocabularyTokenizer::isSurrogate)) {
      return text;
    }
    var mended = new StringBuilder();
    text.codePoints().map(c -> isSurrogate(c) ? '\ufffd' : c).forEach(mended::appendCodePoint);
    return mended.toString();
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
