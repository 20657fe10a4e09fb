package io.rivulet.trainer;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Command-line options of the form {@code --name value}. */
final class Options {
  private final Map<String, String> values = new LinkedHashMap<>();
  private final Set<String> unused = new HashSet<>();

  Options(String[] arguments, int from) {
    for (int i = from; i < arguments.length; i += 2) {
      if (!arguments[i].startsWith("--") || i + 1 == arguments.length) {
        throw new IllegalArgumentException("expected --name value, got " + arguments[i]);
      }
      values.put(arguments[i].substring(2), arguments[i + 1]);
    }
    unused.addAll(values.keySet());
  }

  String text(String name, String otherwise) {
    unused.remove(name);
    return values.getOrDefault(name, otherwise);
  }

  String text(String name) {
    String value = text(name, null);
    if (value == null) {
      throw new IllegalArgumentException("--" + name + " is needed");
    }
    return value;
  }

  Path path(String name) {
    return Path.of(text(name));
  }

  int integer(String name, int otherwise) {
    return (int) number(name, otherwise);
  }

  double number(String name, double otherwise) {
    String value = text(name, Double.toString(otherwise));
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--" + name + " needs a number, got " + value, e);
    }
  }

  /** Rejects names nothing asked for. */
  void done() {
    if (!unused.isEmpty()) {
      throw new IllegalArgumentException("unknown option --" + unused.iterator().next());
    }
  }
}
