package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.Objects;

/**
 * SentencePiece BPE with byte fallback, as GGUF files name "llama". Spaces are written U+2581, and
 * one is put before the text and after every user-defined token where the file asks for it. Gives
 * the ids that llama.cpp gives, but for text that spells a control or byte token, which never
 * becomes one here.
 */
final class SentencePieceTokenizer implements Tokenizer {

  private static final char SPACE = '\u2581';
  private static final int BYTES = 256;
  private static final int USUAL_UNKNOWN = 0;
  private static final int USUAL_BOS = 1;
  private static final int USUAL_EOS = 2;
  private static final String BOS_KEY = "tokenizer.ggml.bos_token_id";
  private static final String EOS_KEY = "tokenizer.ggml.eos_token_id";
  private static final String UNKNOWN_KEY = "tokenizer.ggml.unknown_token_id";
  private static final String ADD_BOS_KEY = "tokenizer.ggml.add_bos_token";
  private static final String ADD_EOS_KEY = "tokenizer.ggml.add_eos_token";
  private static final String ADD_SPACE_KEY = "tokenizer.ggml.add_space_prefix";

  private final Vocabulary vocabulary;
  private final PieceMerger merger;
  private final UserDefinedTokens userDefined;
  private final byte[][] bytes;
  private final BitSet ends;
  private final int bos;
  private final int eos;
  private final boolean addBos;
  private final boolean addEos;
  private final boolean addSpace;

  SentencePieceTokenizer(Vocabulary vocabulary, GgufMetadata metadata) {
    this.vocabulary = vocabulary;
    this.bos = vocabulary.special(metadata, BOS_KEY, USUAL_BOS);
    this.eos = vocabulary.special(metadata, EOS_KEY, USUAL_EOS);
    this.addBos = metadata.bool(ADD_BOS_KEY, true);
    this.addEos = metadata.bool(ADD_EOS_KEY, false);
    requireToken(metadata, addBos, bos, ADD_BOS_KEY);
    requireToken(metadata, addEos, eos, ADD_EOS_KEY);
    this.addSpace = metadata.bool(ADD_SPACE_KEY, true);
    this.ends = GenerationEnd.of(vocabulary, metadata, eos);
    this.userDefined = new UserDefinedTokens(vocabulary, metadata);
    int unknown = vocabulary.special(metadata, UNKNOWN_KEY, USUAL_UNKNOWN);
    this.merger = new PieceMerger(vocabulary, metadata, byteIds(vocabulary, unknown));
    this.bytes = new byte[vocabulary.size()][];
    for (int id = 0; id < bytes.length; id++) {
      bytes[id] = bytesOf(vocabulary, metadata, id);
    }
  }

  @Override
  public int[] encode(String text) {
    var ids = new IdList();
    if (addBos) {
      ids.add(bos);
    }
    boolean prefix = addSpace;
    for (UserDefinedTokens.Part part : userDefined.split(wellFormed(text))) {
      switch (part) {
        case UserDefinedTokens.Token(int id) -> {
          ids.add(id);
          prefix = addSpace;
        }
        case UserDefinedTokens.Text(String piece) -> {
          String escaped = piece.replace(' ', SPACE);
          merger.encode(prefix ? SPACE + escaped : escaped, ids);
          prefix = false;
        }
      }
    }
    if (addEos) {
      ids.add(eos);
    }
    return ids.toArray();
  }

  @Override
  public byte[] bytes(int id) {
    Objects.checkIndex(id, bytes.length);
    return bytes[id].clone();
  }

  @Override
  public String decode(int[] ids) {
    var text = new ByteArrayOutputStream();
    boolean prefix = addSpace;
    for (int id : ids) {
      Objects.checkIndex(id, bytes.length);
      byte[] piece = bytes[id];
      TokenType type = vocabulary.type(id);
      if (type == TokenType.CONTROL || type == TokenType.USER_DEFINED) {
        text.writeBytes(piece);
        prefix = addSpace;
      } else {
        int from = prefix && piece.length > 0 && piece[0] == ' ' ? 1 : 0;
        text.write(piece, from, piece.length - from);
        prefix = false;
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

  /** For each byte its token, or the unknown one; {@link #NONE} where there is neither. */
  private static int[] byteIds(Vocabulary vocabulary, int unknown) {
    int[] ids = new int[BYTES];
    var hex = HexFormat.of().withUpperCase();
    for (int value = 0; value < BYTES; value++) {
      ids[value] = vocabulary.id("<0x" + hex.toHexDigits((byte) value) + ">").orElse(unknown);
    }
    return ids;
  }

  private static byte[] bytesOf(Vocabulary vocabulary, GgufMetadata metadata, int id) {
    String text = vocabulary.text(id);
    return switch (vocabulary.type(id)) {
      case CONTROL, UNKNOWN -> new byte[0];
      case USER_DEFINED -> text.getBytes(StandardCharsets.UTF_8);
      case UNDEFINED, NORMAL, UNUSED -> text.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
      case BYTE -> {
        if (!text.matches("<0x[0-9A-Fa-f]{2}>")) {
          throw metadata.invalid(
              Vocabulary.TYPES_KEY, "calls token " + id + " a byte, but its text is not <0xNN>");
        }
        yield new byte[] {(byte) HexFormat.fromHexDigits(text, 3, 5)};
      }
    };
  }

  private static String wellFormed(String text) {
    if (text.codePoints().noneMatch(SentencePieceTokenizer::isSurrogate)) {
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
