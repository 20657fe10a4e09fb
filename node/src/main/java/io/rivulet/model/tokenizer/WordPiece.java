package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.text.Normalizer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * WordPiece, as GGUF files name "bert" (Devlin et al. 2018, <a
 * href="https://arxiv.org/abs/1810.04805">arXiv:1810.04805</a>). A text in lower case and without
 * accents is cut into words at white space; punctuation and Chinese characters are words of their
 * own. Each word, U+2581 in front of it, is cut into the longest token that it begins with, the
 * longest that follows, and so on; if there is none somewhere the word is one unknown token.
 */
final class WordPiece implements Subwords {

  private static final String LOWER_CASE_KEY = "tokenizer.ggml.normalizer.lowercase";
  private static final String DROP_ACCENTS_KEY = "tokenizer.ggml.normalizer.strip_accents";

  private static final String INVISIBLE = "\\p{Cc}\\p{Cf}\\p{Co}\\x{fffd}";

  /** Punctuation, ASCII's symbols, and Chinese where llama.cpp looks for it. */
  private static final String ALONE =
      "\\p{P}$+<=>^`|~\\x{3400}-\\x{4dbf}\\x{4e00}-\\x{9fff}\\x{f900}-\\x{faff}"
          + "\\x{20000}-\\x{2a6df}\\x{2a700}-\\x{2b81f}\\x{2b920}-\\x{2ceaf}\\x{2f800}-\\x{2fa1f}";

  private static final Pattern WORD =
      Pattern.compile("[%1$s]|[^%1$s\\p{IsWhite_Space}]+".formatted(ALONE));

  private static final int FIRST_WITH_ACCENT = 0xc0;

  private final PrefixIndex tokens;
  private final int unknown;
  private final boolean toLowerCase;
  private final boolean dropAccents;
  private final Pattern dropped;

  WordPiece(Vocabulary vocabulary, GgufMetadata metadata, int unknown) {
    if (unknown == Tokenizer.NONE) {
      throw metadata.invalid(Vocabulary.TOKENS_KEY, "has no unknown token");
    }
    this.tokens = new PrefixIndex(vocabulary, metadata);
    this.unknown = unknown;
    this.toLowerCase = metadata.bool(LOWER_CASE_KEY, true);
    this.dropAccents = metadata.bool(DROP_ACCENTS_KEY, toLowerCase);
    this.dropped =
        Pattern.compile(
            "[%s%s&&[^\\p{IsWhite_Space}]]".formatted(INVISIBLE, dropAccents ? "\\p{M}" : ""));
  }

  @Override
  public void encode(String text, boolean first, IdList out) {
    Matcher words = WORD.matcher(normalize(text));
    while (words.find()) {
      encodeWord(SPACE + words.group(), out);
    }
  }

  @Override
  public boolean addsSpace() {
    return true;
  }

  @Override
  public boolean addsSpaceBehindTokens() {
    return false;
  }

  private String normalize(String text) {
    var letters = new StringBuilder(text.length());
    text.codePoints().map(this::letter).forEach(letters::appendCodePoint);
    return dropped.matcher(letters).replaceAll("");
  }

  /**
   * The first of the characters that a character is made of. Others than accents are lost with it,
   * as of Korean syllables; llama.cpp does so too.
   */
  private int letter(int character) {
    int letter =
        dropAccents && character >= FIRST_WITH_ACCENT
            ? Normalizer.normalize(Character.toString(character), Normalizer.Form.NFD)
                .codePointAt(0)
            : character;
    return toLowerCase ? Character.toLowerCase(letter) : letter;
  }

  private void encodeWord(String word, IdList out) {
    int before = out.size();
    for (int at = 0; at < word.length(); ) {
      var longest = new Longest();
      tokens.find(word, at, longest);
      if (longest.id == Tokenizer.NONE) {
        out.truncate(before);
        out.add(unknown);
        return;
      }
      out.add(longest.id);
      at = longest.end;
    }
  }

  /** The last token that was found. */
  private static final class Longest implements PrefixIndex.Found {

    private int id = Tokenizer.NONE;
    private int end;

    @Override
    public void accept(int token, int tokenEnd) {
      id = token;
      end = tokenEnd;
    }
  }
}
