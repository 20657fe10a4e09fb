package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFileException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A tokenizer.json that writes spaces as U+2581, as those do that came from SentencePiece: BPE with
 * byte fallback becomes GGUF's "llama", unigram its "t5". Where GGUF cannot say what the file says
 * it is refused.
 */
final class SpacedVocabulary {

  private static final String SPACE = "\u2581";

  private final TokenizerFile file;
  private final TokenList tokens;
  private boolean addsSpace;
  private boolean mergesSpaces;
  private boolean splitsAtSpaces;
  private Optional<byte[]> characterMap = Optional.empty();

  SpacedVocabulary(TokenizerFile file) {
    this.file = file;
    this.tokens = file.tokens();
    file.fields().fields("normalizer").ifPresent(this::readNormalizer);
    file.fields().fields("pre_tokenizer").ifPresent(this::readPreTokenizer);
    markBytes();
  }

  /** Writes BPE with byte fallback. */
  void writeBpe(GgufWriter into) {
    requirePlain();
    file.model()
        .text("unk_token")
        .flatMap(text -> tokens.id(text).stream().boxed().findFirst())
        .ifPresent(id -> tokens.put(id, tokens.text(id), 0, TokenType.UNKNOWN));
    scoreByMerges();
    into.text(Vocabulary.MODEL_KEY, "llama").text(PreTokenizers.KEY, "default");
    into.bool(Vocabulary.ADD_SPACE_KEY, addsSpace);
    tokens.write(into, true);
  }

  /** Writes unigram. */
  void writeUnigram(GgufWriter into) {
    OptionalInt unknown = file.model().integer("unk_id", 0, tokens.size() - 1);
    unknown.ifPresent(
        id -> {
          tokens.put(id, tokens.text(id), tokens.score(id), TokenType.UNKNOWN);
          into.integer(Tokenizers.UNKNOWN_KEY, id);
        });
    into.text(Vocabulary.MODEL_KEY, "t5").text(PreTokenizers.KEY, "default");
    into.bool(Vocabulary.ADD_SPACE_KEY, addsSpace);
    into.bool(Unigram.MERGE_SPACES_KEY, mergesSpaces);
    characterMap.ifPresent(map -> into.bytes(CharacterMap.KEY, map));
    tokens.write(into, true);
  }

  private void readNormalizer(JsonFields part) {
    String type = part.requiredText("type");
    switch (type) {
      case "Sequence" -> part.list("normalizers").forEach(this::readNormalizer);
      case "Prepend" -> {
        requireSpace(part, "prepend");
        addsSpace = true;
      }
      case "Replace" -> readReplace(part);
      case "Precompiled" -> readCharacterMap(part);
      case "Strip" -> mergesSpaces = true;
      default -> throw part.invalid("type", "is %s, which GGUF cannot say".formatted(type));
    }
  }

  private void readReplace(JsonFields part) {
    JsonFields pattern =
        part.fields("pattern").orElseThrow(() -> part.invalid("pattern", "is missing"));
    String content = part.requiredText("content");
    boolean isRun = pattern.text("Regex").filter(" {2,}"::equals).isPresent();
    boolean isSpace = pattern.text("String").filter(" "::equals).isPresent();
    if (isRun && (content.equals(" ") || content.equals(SPACE))) {
      mergesSpaces = true;
    } else if (!isSpace || !content.equals(SPACE)) {
      throw part.invalid("pattern", "replaces something else than spaces, GGUF cannot say so");
    }
  }

  private void readCharacterMap(JsonFields part) {
    String encoded = part.text("precompiled_charsmap").orElse("");
    try {
      byte[] map = Base64.getDecoder().decode(encoded);
      characterMap = map.length == 0 ? Optional.empty() : Optional.of(map);
    } catch (IllegalArgumentException e) {
      throw part.invalid("precompiled_charsmap", "is not base64");
    }
  }

  private void readPreTokenizer(JsonFields part) {
    String type = part.requiredText("type");
    switch (type) {
      case "Sequence" -> part.list("pretokenizers").forEach(this::readPreTokenizer);
      case "Metaspace" -> {
        requireSpace(part, "replacement");
        boolean added = part.bool("add_prefix_space").orElse(true);
        addsSpace = part.text("prepend_scheme").map(s -> !s.equals("never")).orElse(added);
        splitsAtSpaces = part.bool("split").orElse(true);
      }
      case "WhitespaceSplit" -> mergesSpaces = true;
      case "Split" -> requireSplitAtSpaces(part);
      default -> throw part.invalid("type", "is %s, which GGUF cannot say".formatted(type));
    }
  }

  /** Gemma's, which has nothing to do: the normalizer has left no spaces. */
  private void requireSplitAtSpaces(JsonFields part) {
    boolean atSpaces =
        part.fields("pattern").flatMap(pattern -> pattern.text("String")).equals(Optional.of(" "));
    if (!atSpaces) {
      throw part.invalid("pattern", "is not a space, GGUF cannot say so");
    }
  }

  private static void requireSpace(JsonFields part, String name) {
    if (!part.requiredText(name).equals(SPACE)) {
      throw part.invalid(name, "is not U+2581, GGUF cannot say so");
    }
  }

  private void requirePlain() {
    if (mergesSpaces || characterMap.isPresent()) {
      throw file.fields()
          .invalid("normalizer", "changes more than spaces, which GGUF cannot say for BPE");
    }
    if (file.model().bool("ignore_merges").orElse(false)) {
      throw file.fields()
          .invalid("model.ignore_merges", "is true, which GGUF cannot say for byte fallback");
    }
    for (int id = 0; splitsAtSpaces && id < tokens.size(); id++) {
      if (tokens.type(id) == TokenType.NORMAL && tokens.text(id).indexOf(SPACE, 1) > 0) {
        throw file.fields()
            .invalid(
                "pre_tokenizer",
                "splits at spaces, but token %d has one within, GGUF cannot say so".formatted(id));
      }
    }
  }

  private void markBytes() {
    var hex = HexFormat.of().withUpperCase();
    for (int value = 0; value < 256; value++) {
      tokens
          .id("<0x" + hex.toHexDigits((byte) value) + ">")
          .ifPresent(id -> tokens.put(id, tokens.text(id), 0, TokenType.BYTE));
    }
  }

  /**
   * GGUF has one score for a token, not an order of merges: the same if all the ways to merge a
   * token from two others are merges, and stand together.
   */
  private void scoreByMerges() {
    List<String> merges = file.merges();
    long[] pairs = new long[merges.size()];
    boolean[] made = new boolean[tokens.size()];
    int before = Tokenizer.NONE;
    for (int rank = 0; rank < pairs.length; rank++) {
      String merge = merges.get(rank);
      int space = merge.indexOf(' ', 1);
      if (space < 0) {
        throw invalidMerge(rank, "expected two tokens with a space between them");
      }
      String left = merge.substring(0, space);
      String right = merge.substring(space + 1);
      pairs[rank] = (long) id(left, rank) << 32 | id(right, rank);
      int joint = id(left + right, rank);
      if (joint != before && made[joint]) {
        throw invalidMerge(rank, "the merges of its token do not stand together");
      }
      if (!made[joint]) {
        tokens.score(joint, -rank);
      }
      made[joint] = true;
      before = joint;
    }
    Arrays.sort(pairs);
    for (int id = 0; id < tokens.size(); id++) {
      if (tokens.type(id) == TokenType.NORMAL) {
        requireAllSplits(id, pairs);
      }
    }
  }

  private void requireAllSplits(int id, long[] pairs) {
    String text = tokens.text(id);
    for (int at = 1; at < text.length(); at++) {
      OptionalInt left = mergeable(text.substring(0, at));
      OptionalInt right = left.isEmpty() ? left : mergeable(text.substring(at));
      if (right.isPresent()
          && Arrays.binarySearch(pairs, (long) left.getAsInt() << 32 | right.getAsInt()) < 0) {
        throw file.fields()
            .invalid(
                "model.merges",
                "lacks one that makes token %d of %d and %d, which GGUF cannot say"
                    .formatted(id, left.getAsInt(), right.getAsInt()));
      }
    }
  }

  private OptionalInt mergeable(String text) {
    OptionalInt id = tokens.id(text);
    boolean normal = id.isPresent() && tokens.type(id.getAsInt()) == TokenType.NORMAL;
    return normal ? id : OptionalInt.empty();
  }

  private int id(String token, int rank) {
    return tokens
        .id(token)
        .orElseThrow(() -> invalidMerge(rank, "names a token that is not in the vocabulary"));
  }

  private ModelFileException invalidMerge(int rank, String problem) {
    return file.fields()
        .invalid(
            "model.merges",
            "has merge %d, %s: %s"
                .formatted(rank, ModelFileException.quote(file.merges().get(rank)), problem));
  }
}
