package io.rivulet.model.jinja;

import static io.rivulet.model.jinja.JinjaException.quote;

import io.rivulet.model.jinja.Expression.Operator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What {@code a | b} makes of a. */
final class Filters {

  private final Budget budget;
  private final Operators operators;
  private final Members members;
  private final Tests tests;
  private final TextMethods texts;

  Filters(Budget budget, Operators operators, Members members, Tests tests) {
    this.budget = budget;
    this.operators = operators;
    this.members = members;
    this.tests = tests;
    this.texts = new TextMethods(budget);
  }

  Value apply(String filter, Value value, Arguments arguments) {
    return switch (filter) {
      case "trim" -> method("strip", value, arguments);
      case "upper" -> method("upper", value, arguments);
      case "lower" -> method("lower", value, arguments);
      case "title" -> method("title", value, arguments);
      case "capitalize" -> method("capitalize", value, arguments);
      case "replace" -> method("replace", value, arguments);
      case "string" -> Value.of(PythonText.of(value, budget));
      case "safe" -> value;
      case "escape", "e" -> Value.of(escape(PythonText.of(value, budget)));
      case "indent" -> Value.of(indent(PythonText.of(value, budget), arguments));
      case "tojson" -> Value.of(Json.write(value, arguments, budget));
      case "default", "d" -> {
        boolean missing =
            value instanceof Value.Undefined
                || (arguments.truth(1, "boolean", false) && !Conversions.truth(value));
        Value usual =
            arguments.has(0, "default_value") ? arguments.get(0, "default_value") : Value.of("");
        yield missing ? usual : value;
      }
      case "length", "count" -> Value.of(length(value));
      case "int" -> integer(value, arguments);
      case "float" -> real(value, arguments);
      case "abs" -> operators.order(value, Value.of(0)) < 0 ? operators.negative(value) : value;
      case "round" -> round(value, arguments);
      case "list" -> new Value.Sequence(items(value));
      case "items" ->
          value instanceof Value.Mapping mapping
              ? members.items(mapping)
              : new Value.Sequence(List.of());
      case "dictsort" -> dictsort(value);
      case "first" -> items(value).stream().findFirst().orElse(new Value.Undefined("first"));
      case "last" -> {
        List<Value> items = items(value);
        yield items.isEmpty() ? new Value.Undefined("last") : items.getLast();
      }
      case "join" -> join(value, arguments);
      case "sum" -> sum(value, arguments);
      case "min" -> items(value).stream().min(operators::order).orElse(new Value.Undefined("min"));
      case "max" -> items(value).stream().max(operators::order).orElse(new Value.Undefined("max"));
      case "reverse" -> reverse(value);
      case "sort" -> sort(value, arguments);
      case "unique" -> unique(value);
      case "map" -> map(value, arguments);
      case "select" -> select(value, arguments, true, false);
      case "reject" -> select(value, arguments, false, false);
      case "selectattr" -> select(value, arguments, true, true);
      case "rejectattr" -> select(value, arguments, false, true);
      default -> throw new JinjaException("filter " + quote(filter) + " is not known");
    };
  }

  private List<Value> items(Value value) {
    return Conversions.items(value, budget);
  }

  /** As jinja2's map and select take them: what is false has none, even none itself. */
  private List<Value> itemsIfAny(Value value) {
    return Conversions.truth(value) ? items(value) : List.of();
  }

  /** A method of the value as text. */
  private Value method(String name, Value value, Arguments arguments) {
    String text = PythonText.of(value, budget);
    Value.Function method = (Value.Function) texts.find(text, name).orElseThrow();
    return method.body().call(arguments);
  }

  private String escape(String text) {
    String escaped =
        text.replace("&", "&amp;")
            .replace("<", "&lt;")
            .replace(">", "&gt;")
            .replace("\"", "&#34;")
            .replace("'", "&#39;");
    budget.spendText(escaped.length());
    return escaped;
  }

  private String indent(String text, Arguments arguments) {
    Value width = arguments.get(0, "width");
    String prefix =
        width instanceof Value.Text(String given)
            ? given
            : PythonText.of(
                operators.compute(
                    Operator.MULTIPLY,
                    Value.of(" "),
                    width instanceof Value.Undefined ? Value.of(4) : width),
                budget);
    boolean first = arguments.truth(1, "first", false);
    boolean blank = arguments.truth(2, "blank", false);
    var out = new StringBuilder();
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      boolean indented = i == 0 ? first : blank || !lines[i].isEmpty();
      budget.spendText((long) prefix.length() + lines[i].length());
      out.append(i == 0 ? "" : "\n").append(indented ? prefix : "").append(lines[i]);
      budget.checkLength(out.length());
    }
    return out.toString();
  }

  private long length(Value value) {
    return switch (value) {
      case Value.Undefined undefined -> 0;
      case Value.Text(String text) -> {
        budget.spendText(text.length());
        yield text.codePointCount(0, text.length());
      }
      case Value.Sequence(List<Value> items, boolean tuple) -> items.size();
      case Value.Mapping mapping -> mapping.entries().size();
      default -> throw new JinjaException(Conversions.kind(value) + " has no length");
    };
  }

  private static Value integer(Value value, Arguments arguments) {
    Value missing = arguments.has(0, "default") ? arguments.get(0, "default") : Value.of(0);
    try {
      return switch (value) {
        case Value.Int number -> number;
        case Value.Bool(boolean truth) -> Value.of(truth ? 1 : 0);
        case Value.Real(double number) when Math.abs(number) < 1e18 -> Value.of((long) number);
        case Value.Text(String text) -> Value.of((long) Double.parseDouble(text.strip()));
        default -> missing;
      };
    } catch (NumberFormatException e) {
      return missing;
    }
  }

  private static Value real(Value value, Arguments arguments) {
    Value missing = arguments.has(0, "default") ? arguments.get(0, "default") : new Value.Real(0);
    try {
      return Operators.isNumber(value)
          ? new Value.Real(Operators.real(value))
          : value instanceof Value.Text(String text)
              ? new Value.Real(Double.parseDouble(text.strip()))
              : missing;
    } catch (NumberFormatException e) {
      return missing;
    }
  }

  private static Value round(Value value, Arguments arguments) {
    if (!Operators.isNumber(value)) {
      throw new JinjaException(Conversions.kind(value) + " cannot be rounded");
    }
    double scale = Math.pow(10, (double) arguments.integer(0, "precision", 0));
    double scaled = Operators.real(value) * scale;
    String method = arguments.text(1, "method", "common");
    double rounded =
        switch (method) {
          case "common" -> Math.rint(scaled);
          case "ceil" -> Math.ceil(scaled);
          case "floor" -> Math.floor(scaled);
          default -> throw new JinjaException("rounding " + quote(method) + " is not known");
        };
    return new Value.Real(rounded / scale);
  }

  private Value dictsort(Value value) {
    if (!(value instanceof Value.Mapping mapping)) {
      throw new JinjaException(Conversions.kind(value) + " is no dictionary to sort");
    }
    var pairs = new ArrayList<>(items(members.items(mapping)));
    pairs.sort(
        Comparator.comparing(
            pair -> ((Value.Sequence) pair).items().getFirst(), this::ignoringCase));
    return new Value.Sequence(pairs);
  }

  private int ignoringCase(Value a, Value b) {
    return operators.order(lower(a), lower(b));
  }

  private Value lower(Value value) {
    if (value instanceof Value.Text(String text)) {
      budget.spendText(text.length());
      return Value.of(text.toLowerCase(Locale.ROOT));
    }
    return value;
  }

  private Value join(Value value, Arguments arguments) {
    List<Value> items = items(value);
    if (arguments.has(1, "attribute")) {
      String attribute = arguments.text(1, "attribute");
      items = items.stream().map(item -> path(item, attribute)).toList();
    }
    return texts.join(arguments.text(0, "d", ""), items);
  }

  private Value sum(Value value, Arguments arguments) {
    Value sum = arguments.has(1, "start") ? arguments.get(1, "start") : Value.of(0);
    for (Value item : items(value)) {
      Value summand =
          arguments.has(0, "attribute") ? path(item, arguments.text(0, "attribute")) : item;
      sum = operators.compute(Operator.ADD, sum, summand);
    }
    return sum;
  }

  private Value reverse(Value value) {
    if (value instanceof Value.Text(String text)) {
      budget.spendText(text.length());
      return Value.of(new StringBuilder(text).reverse().toString());
    }
    return new Value.Sequence(items(value).reversed());
  }

  private Value sort(Value value, Arguments arguments) {
    Comparator<Value> order =
        arguments.truth(1, "case_sensitive", false) ? operators::order : this::ignoringCase;
    if (arguments.has(2, "attribute")) {
      String attribute = arguments.text(2, "attribute");
      order = Comparator.comparing(item -> path(item, attribute), order);
    }
    var items = new ArrayList<>(items(value));
    items.sort(arguments.truth(0, "reverse", false) ? order.reversed() : order);
    return new Value.Sequence(items);
  }

  private Value unique(Value value) {
    var unique = new ArrayList<Value>();
    for (Value item : items(value)) {
      if (unique.stream().noneMatch(other -> operators.equal(lower(other), lower(item)))) {
        unique.add(item);
      }
    }
    return new Value.Sequence(unique);
  }

  private Value map(Value value, Arguments arguments) {
    var mapped = new ArrayList<Value>();
    for (Value item : itemsIfAny(value)) {
      if (arguments.positional().isEmpty()) {
        Value found = path(item, arguments.text(0, "attribute"));
        boolean missing = found instanceof Value.Undefined && arguments.has(1, "default");
        mapped.add(missing ? arguments.get(1, "default") : found);
      } else {
        mapped.add(apply(arguments.text(0, "filter"), item, after(arguments, 1)));
      }
    }
    return new Value.Sequence(mapped);
  }

  private Value select(Value value, Arguments arguments, boolean wanted, boolean byAttribute) {
    int place = byAttribute ? 1 : 0;
    var selected = new ArrayList<Value>();
    for (Value item : itemsIfAny(value)) {
      Value tested = byAttribute ? path(item, arguments.text(0, "attribute")) : item;
      boolean holds =
          arguments.has(place, "test")
              ? tests.holds(arguments.text(place, "test"), tested, after(arguments, place + 1))
              : Conversions.truth(tested);
      if (holds == wanted) {
        selected.add(item);
      }
    }
    return new Value.Sequence(selected);
  }

  private static Arguments after(Arguments arguments, int count) {
    List<Value> all = arguments.positional();
    return new Arguments(all.subList(Math.min(count, all.size()), all.size()), arguments.named());
  }

  /** An attribute, or one of one: {@code function.name}. */
  private Value path(Value value, String names) {
    Value found = value;
    for (String name : names.split("\\.", -1)) {
      boolean index =
          !name.isEmpty() && name.length() < 9 && name.chars().allMatch(Character::isDigit);
      found = members.item(found, index ? Value.of(Long.parseLong(name)) : Value.of(name));
    }
    return found;
  }
}
