package io.rivulet.sparsity.report;

import java.util.ArrayDeque;
import java.util.Deque;

/** Writes markup that is both HTML and XML; texts and attributes are escaped. */
final class Markup {

  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * Begins an element.
   *
   * @param attributes names, each followed by its value
   */
  Markup begin(String element, Object... attributes) {
    tag(element, attributes).append('>');
    open.push(element);
    return this;
  }

  /** Ends the innermost element that is not ended. */
  Markup end() {
    out.append("</").append(open.pop()).append(">\n");
    return this;
  }

  /** An element with a text. */
  Markup element(String element, String text, Object... attributes) {
    tag(element, attributes).append('>').append(escape(text));
    out.append("</").append(element).append(">\n");
    return this;
  }

  /** An element without content. */
  Markup empty(String element, Object... attributes) {
    tag(element, attributes).append("/>\n");
    return this;
  }

  private StringBuilder tag(String element, Object... attributes) {
    out.append('<').append(element);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      out.append(escape(attributes[i + 1].toString())).append('"');
    }
    return out;
  }

  /** Characters that XML has no room for become question marks. */
  private static String escape(String text) {
    return text.replaceAll(
            "[^\\t\\n\\r\\x{20}-\\x{D7FF}\\x{E000}-\\x{FFFD}\\x{10000}-\\x{10FFFF}]", "?")
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** All of it. */
  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("element " + open.peek() + " is not ended");
    }
    return out.toString();
  }
}
