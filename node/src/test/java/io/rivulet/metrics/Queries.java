package io.rivulet.metrics;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What queries in PromQL ask for. */
final class Queries {

  private static final Pattern LABELS =
      Pattern.compile("\\{[^}]*\\}|\\b(by|on|without|ignoring)\\s*\\([^)]*\\)");

  private static final Pattern METRIC =
      Pattern.compile("\\b(rivulet|gen_ai|kafka|jvm|process|system|vertx)[\\w:]*");

  private Queries() {}

  /** The metrics and recorded series by name. */
  static Set<String> metrics(String query) {
    var names = new TreeSet<String>();
    Matcher name = METRIC.matcher(LABELS.matcher(query).replaceAll(" "));
    while (name.find()) {
      names.add(name.group());
    }
    return names;
  }
}
