package io.rivulet.model.jinja;

import io.rivulet.model.jinja.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a template into data and the words of its tags. White space around tags goes as jinja2
 * takes it with {@code trim_blocks} and {@code lstrip_blocks}: the line end after a block or
 * comment, the indent before one, and all of it on the side of a minus.
 */
final class Lexer {

  private static final Pattern RAW_BEGIN = Pattern.compile("\\{%([-+]?)\\s*raw\\s*(-?)%\\}");
  private static final Pattern RAW_END = Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}");
  private static final Pattern COMMENT_END = Pattern.compile("([-+]?)#\\}");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int position;
  private int line = 1;
  private int lineCountedTo;
  private boolean atLineStart = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> read(String template) {
    String unix = template.replace("\r\n", "\n").replace('\r', '\n');
    var lexer = new Lexer(unix.endsWith("\n") ? unix.substring(0, unix.length() - 1) : unix);
    lexer.readAll();
    return lexer.tokens;
  }

  private void readAll() {
    while (position < source.length()) {
      int tag = nextTag(position);
      if (tag < 0) {
        add(Kind.DATA, source.substring(position));
        position = source.length();
      } else {
        boolean print = source.charAt(tag + 1) == '{';
        addData(tag, signAt(tag + 2), print);
        position = tag;
        readTag();
      }
    }
    add(Kind.END, "");
  }

  private int nextTag(int from) {
    for (int at = source.indexOf('{', from); at >= 0; at = source.indexOf('{', at + 1)) {
      if (at + 1 < source.length() && "{%#".indexOf(source.charAt(at + 1)) >= 0) {
        return at;
      }
    }
    return -1;
  }

  /** The text before a tag, less what the tag's sign and kind take away of it. */
  private void addData(int end, char sign, boolean print) {
    String text = source.substring(position, end);
    if (sign == '-') {
      text = stripTrailing(text);
    } else if (sign != '+' && !print) {
      int lineStart = text.lastIndexOf('\n') + 1;
      if ((lineStart > 0 || atLineStart) && text.substring(lineStart).isBlank()) {
        text = text.substring(0, lineStart);
      }
    }
    if (!text.isEmpty()) {
      add(Kind.DATA, text);
    }
  }

  private void readTag() {
    Matcher raw = RAW_BEGIN.matcher(source).region(position, source.length());
    switch (source.charAt(position + 1)) {
      case '#' -> readComment();
      case '{' -> {
        add(Kind.PRINT_BEGIN, "{{");
        skipTagBegin();
        readWords("}}", Kind.PRINT_END);
      }
      default -> {
        if (raw.lookingAt()) {
          readRaw(raw);
        } else {
          add(Kind.BLOCK_BEGIN, "{%");
          skipTagBegin();
          readWords("%}", Kind.BLOCK_END);
        }
      }
    }
  }

  private void readComment() {
    Matcher end = COMMENT_END.matcher(source);
    if (!end.find(position + 2)) {
      throw error("the comment does not end");
    }
    position = end.end();
    skipAfterTag(sign(end.group(1)), true);
  }

  private void readRaw(Matcher begin) {
    position = begin.end();
    if (begin.group(2).equals("-")) {
      skipSpace();
    }
    atLineStart = false;
    Matcher end = RAW_END.matcher(source);
    if (!end.find(position)) {
      throw error("the raw block does not end");
    }
    addData(end.start(), sign(end.group(1)), false);
    position = end.end();
    skipAfterTag(sign(end.group(2)), true);
  }

  private void readWords(String end, Kind endKind) {
    var words = new WordReader(source, position);
    int open = 0;
    while (true) {
      position = words.skipSpace();
      if (position >= source.length()) {
        throw error("the tag does not end");
      }
      char first = source.charAt(position);
      boolean signed = (first == '-' || first == '+') && source.startsWith(end, position + 1);
      if (open == 0 && (signed || source.startsWith(end, position))) {
        add(endKind, end);
        position += signed ? 3 : 2;
        skipAfterTag(signed ? first : ' ', endKind == Kind.BLOCK_END);
        return;
      }
      Token word = words.next(lineHere());
      if (word.is(Kind.OPERATOR)) {
        open += "([{".contains(word.text()) ? 1 : ")]}".contains(word.text()) ? -1 : 0;
      }
      tokens.add(word);
      position = words.position();
    }
  }

  private void skipTagBegin() {
    position += signAt(position + 2) == ' ' ? 2 : 3;
  }

  private void skipAfterTag(char sign, boolean trimLineEnd) {
    int from = position;
    if (sign == '-') {
      skipSpace();
    } else if (sign != '+' && trimLineEnd && source.startsWith("\n", position)) {
      position++;
    }
    atLineStart = position > from && source.charAt(position - 1) == '\n';
  }

  private void skipSpace() {
    while (position < source.length() && isSpace(source.charAt(position))) {
      position++;
    }
  }

  private char signAt(int at) {
    return at < source.length() && "-+".indexOf(source.charAt(at)) >= 0 ? source.charAt(at) : ' ';
  }

  private static char sign(String group) {
    return group.isEmpty() ? ' ' : group.charAt(0);
  }

  private static String stripTrailing(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
  }

  private int lineHere() {
    for (; lineCountedTo < position; lineCountedTo++) {
      if (source.charAt(lineCountedTo) == '\n') {
        line++;
      }
    }
    return line;
  }

  private void add(Kind kind, String text) {
    tokens.add(new Token(kind, text, lineHere()));
  }

  private JinjaException error(String problem) {
    return new JinjaException(lineHere(), problem);
  }
}
