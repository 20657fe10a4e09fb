package io.rivulet.model.jinja;

import static io.rivulet.model.jinja.Members.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The methods of Python's strings. */
final class TextMethods {

  private final Budget budget;

  TextMethods(Budget budget) {
    this.budget = budget;
  }

  Optional<Value> find(String text, String name) {
    return switch (name) {
      case "strip" -> function(name, a -> strip(text, a, true, true));
      case "lstrip" -> function(name, a -> strip(text, a, true, false));
      case "rstrip" -> function(name, a -> strip(text, a, false, true));
      case "upper" -> function(name, a -> made(text.toUpperCase(Locale.ROOT)));
      case "lower" -> function(name, a -> made(text.toLowerCase(Locale.ROOT)));
      case "title" -> function(name, a -> made(title(text)));
      case "capitalize" -> function(name, a -> made(capitalize(text)));
      case "startswith" -> function(name, a -> Value.of(anyOf(a, text::startsWith)));
      case "endswith" -> function(name, a -> Value.of(anyOf(a, text::endsWith)));
      case "split" -> function(name, a -> split(text, a));
      case "rsplit" -> function(name, a -> splitFromEnd(text, a));
      case "splitlines" -> function(name, a -> lines(text));
      case "replace" ->
          function(
              name,
              a ->
                  made(
                      replace(
                          text, a.text(0, "old"), a.text(1, "new"), a.integer(2, "count", -1))));
      case "join" -> function(name, a -> join(text, Conversions.items(a.get(0, "items"), budget)));
      case "find" -> function(name, a -> index(text, text.indexOf(searched(text, a))));
      case "rfind" -> function(name, a -> index(text, text.lastIndexOf(searched(text, a))));
      case "count" -> function(name, a -> Value.of(count(text, searched(text, a))));
      case "removeprefix" ->
          function(
              name,
              a ->
                  made(
                      text.startsWith(a.text(0, "prefix"))
                          ? text.substring(a.text(0, "prefix").length())
                          : text));
      case "removesuffix" ->
          function(
              name,
              a ->
                  made(
                      text.endsWith(a.text(0, "suffix"))
                          ? text.substring(0, text.length() - a.text(0, "suffix").length())
                          : text));
      case "isdigit" -> function(name, a -> Value.of(all(text, Character::isDigit)));
      case "isalpha" -> function(name, a -> Value.of(all(text, Character::isLetter)));
      case "isalnum" -> function(name, a -> Value.of(all(text, Character::isLetterOrDigit)));
      case "isspace" -> function(name, a -> Value.of(all(text, c -> isSpace((char) c))));
      case "isupper" ->
          function(
              name,
              a ->
                  Value.of(
                      text.equals(text.toUpperCase(Locale.ROOT))
                          && !text.equals(text.toLowerCase(Locale.ROOT))));
      case "islower" ->
          function(
              name,
              a ->
                  Value.of(
                      text.equals(text.toLowerCase(Locale.ROOT))
                          && !text.equals(text.toUpperCase(Locale.ROOT))));
      case "format" -> function(name, a -> format(text, a));
      default -> Optional.empty();
    };
  }

  private Value made(String text) {
    budget.spendText(text.length());
    return Value.of(text);
  }

  private String searched(String text, Arguments arguments) {
    String part = arguments.text(0, "part");
    budget.spendSearch(text, part);
    return part;
  }

  private static Value index(String text, int place) {
    return Value.of(place < 0 ? -1 : text.codePointCount(0, place));
  }

  private static boolean all(String text, IntPredicate predicate) {
    return !text.isEmpty() && text.codePoints().allMatch(predicate);
  }

  private boolean anyOf(Arguments arguments, Predicate<String> holds) {
    Value wanted = arguments.get(0, "part");
    return wanted instanceof Value.Sequence(List<Value> parts, boolean tuple)
        ? parts.stream().anyMatch(part -> holds.test(Conversions.text(part, "a part")))
        : holds.test(Conversions.text(wanted, "the part"));
  }

  private Value strip(String text, Arguments arguments, boolean start, boolean end) {
    Value given = arguments.get(0, "chars");
    IntPredicate taken =
        given instanceof Value.Text(String characters)
            ? c -> characters.indexOf(c) >= 0
            : c -> isSpace((char) c);
    budget.spendText(text.length());
    int from = 0;
    int to = text.length();
    while (start && from < to && taken.test(text.charAt(from))) {
      from++;
    }
    while (end && to > from && taken.test(text.charAt(to - 1))) {
      to--;
    }
    return Value.of(text.substring(from, to));
  }

  private Value split(String text, Arguments arguments) {
    long most = arguments.integer(1, "maxsplit", -1);
    var parts = new ArrayList<String>();
    if (arguments.get(0, "sep") instanceof Value.Text(String separator)) {
      requireSeparator(separator);
      budget.spendSearch(text, separator);
      int from = 0;
      for (int at = text.indexOf(separator);
          at >= 0 && (most < 0 || parts.size() < most);
          at = text.indexOf(separator, from)) {
        parts.add(text.substring(from, at));
        from = at + separator.length();
      }
      parts.add(text.substring(from));
    } else {
      int from = skip(text, 0, true);
      while (from < text.length()) {
        boolean last = most >= 0 && parts.size() >= most;
        int to = last ? text.stripTrailing().length() : skip(text, from, false);
        parts.add(text.substring(from, to));
        from = last ? text.length() : skip(text, to, true);
      }
    }
    return listed(parts, text);
  }

  private Value splitFromEnd(String text, Arguments arguments) {
    long most = arguments.integer(1, "maxsplit", -1);
    String separator = arguments.text(0, "sep");
    requireSeparator(separator);
    budget.spendSearch(text, separator);
    var parts = new ArrayList<String>();
    int to = text.length();
    for (int at = text.lastIndexOf(separator);
        at >= 0 && (most < 0 || parts.size() < most);
        at = to < separator.length() ? -1 : text.lastIndexOf(separator, to - separator.length())) {
      parts.add(text.substring(at + separator.length(), to));
      to = at;
    }
    parts.add(text.substring(0, to));
    return listed(parts.reversed(), text);
  }

  private Value lines(String text) {
    return listed(text.lines().toList(), text);
  }

  private Value listed(List<String> parts, String text) {
    budget.spend(parts.size());
    budget.spendText(text.length());
    return Value.ofTexts(parts);
  }

  private static void requireSeparator(String separator) {
    if (separator.isEmpty()) {
      throw new JinjaException("the separator is empty");
    }
  }

  private static int skip(String text, int from, boolean space) {
    int at = from;
    while (at < text.length() && isSpace(text.charAt(at)) == space) {
      at++;
    }
    return at;
  }

  /** At most so many, from the start; all where the count is negative. */
  String replace(String text, String old, String with, long most) {
    budget.spendSearch(text, old);
    var out = new StringBuilder();
    int from = 0;
    long done = 0;
    for (int at = text.indexOf(old);
        at >= 0 && (most < 0 || done < most);
        at = text.indexOf(old, Math.max(from, at + 1))) {
      out.append(text, from, at).append(with);
      from = at + old.length();
      done++;
      budget.spendText(with.length());
      budget.checkLength(out.length());
      if (old.isEmpty() && at == text.length()) {
        break;
      }
    }
    return out.append(text, from, text.length()).toString();
  }

  private static long count(String text, String part) {
    if (part.isEmpty()) {
      return text.codePointCount(0, text.length()) + 1L;
    }
    long count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
      count++;
    }
    return count;
  }

  Value join(String separator, List<Value> items) {
    var out = new StringBuilder();
    String before = "";
    for (Value item : items) {
      String text = PythonText.of(item, budget);
      budget.spendText((long) before.length() + text.length());
      out.append(before).append(text);
      budget.checkLength(out.length());
      before = separator;
    }
    return Value.of(out.toString());
  }

  /** Fields without format: <code>{}</code>, <code>{0}</code>, <code>{name}</code>. */
  private Value format(String text, Arguments arguments) {
    var out = new StringBuilder();
    int next = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean doubled = i + 1 < text.length() && text.charAt(i + 1) == c;
      if ((c == '{' || c == '}') && doubled) {
        out.append(c);
        i++;
      } else if (c == '{') {
        int end = text.indexOf('}', i);
        String field = end < 0 ? "" : text.substring(i + 1, end);
        if (end < 0 || !field.chars().allMatch(f -> Character.isLetterOrDigit(f) || f == '_')) {
          throw new JinjaException("format knows plain fields alone, as {}, {0} and {name}");
        }
        int place = field.isEmpty() ? next++ : number(field);
        String shown = PythonText.of(arguments.get(place, field), budget);
        budget.spendText(shown.length());
        out.append(shown);
        i = end;
      } else {
        out.append(c);
      }
      budget.checkLength(out.length());
    }
    return made(out.toString());
  }

  private static int number(String field) {
    boolean digits = field.length() < 9 && field.chars().allMatch(c -> c >= '0' && c <= '9');
    return digits ? Integer.parseInt(field) : Integer.MAX_VALUE;
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int end = text.offsetByCodePoints(0, 1);
    return text.substring(0, end).toUpperCase(Locale.ROOT)
        + text.substring(end).toLowerCase(Locale.ROOT);
  }

  static String title(String text) {
    var out = new StringBuilder(text.length());
    boolean within = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(within ? Character.toLowerCase(c) : Character.toTitleCase(c));
      within = Character.isLetter(c);
    }
    return out.toString();
  }

  private static boolean isSpace(char c) {
    return Lexer.isSpace(c);
  }
}
