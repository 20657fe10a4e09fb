package io.rivulet.model.jinja;

import static io.rivulet.model.jinja.JinjaException.quote;

import io.rivulet.model.jinja.Statement.Branch;
import io.rivulet.model.jinja.Statement.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs statements, once. */
final class Renderer {

  /** What comes after a statement. */
  private enum Flow {
    NEXT,
    BREAK,
    CONTINUE
  }

  private final Budget budget;
  private final Evaluator evaluator;
  private StringBuilder out = new StringBuilder();
  private int line = 1;

  private Renderer(Limits limits) {
    this.budget = new Budget(limits);
    this.evaluator = new Evaluator(budget);
  }

  static String render(List<Statement> template, Map<String, Value> variables, Limits limits) {
    var renderer = new Renderer(limits);
    Scope globals = Scope.of(new Functions(renderer.budget).all()).inner();
    variables.forEach(globals::set);
    try {
      renderer.run(template, globals);
    } catch (JinjaException e) {
      throw new JinjaException(renderer.line, e.getMessage());
    }
    return renderer.out.toString();
  }

  private Flow run(List<Statement> statements, Scope scope) {
    budget.enter();
    Flow flow = Flow.NEXT;
    for (Statement statement : statements) {
      line = statement.line();
      flow = run(statement, scope);
      if (flow != Flow.NEXT) {
        break;
      }
    }
    budget.leave();
    return flow;
  }

  private Flow run(Statement statement, Scope scope) {
    budget.spend(1);
    switch (statement) {
      case Statement.Data data -> print(data.text());
      case Statement.Print print ->
          print(PythonText.of(evaluator.evaluate(print.value(), scope), budget));
      case Statement.If choice -> {
        return run(chosen(choice, scope), scope);
      }
      case Statement.For loop -> runLoop(loop, scope);
      case Statement.Break exit -> {
        return Flow.BREAK;
      }
      case Statement.Continue next -> {
        return Flow.CONTINUE;
      }
      case Statement.Set set -> assign(set.names(), evaluator.evaluate(set.value(), scope), scope);
      case Statement.SetAttribute set -> setAttribute(set, scope);
      case Statement.SetBlock set ->
          scope.set(
              set.name(),
              evaluator.filter(Value.of(printed(set.body(), scope.inner())), set.filters(), scope));
      case Statement.FilterBlock block -> {
        Value body = Value.of(printed(block.body(), scope.inner()));
        print(PythonText.of(evaluator.filter(body, block.filters(), scope), budget));
      }
      case Statement.With with -> {
        Scope inner = scope.inner();
        with.variables().forEach(v -> inner.set(v.name(), evaluator.evaluate(v.value(), scope)));
        return run(with.body(), inner);
      }
      case Statement.Macro macro ->
          scope.set(macro.name(), macro(macro.name(), macro.parameters(), macro.body(), scope));
      case Statement.CallBlock block -> print(PythonText.of(called(block, scope), budget));
    }
    return Flow.NEXT;
  }

  private void print(String text) {
    budget.spendText(text.length());
    out.append(text);
    budget.checkLength(out.length());
  }

  /** What a body prints, kept from the output. */
  private String printed(List<Statement> body, Scope scope) {
    StringBuilder before = out;
    out = new StringBuilder();
    run(body, scope);
    String text = out.toString();
    out = before;
    return text;
  }

  private List<Statement> chosen(Statement.If choice, Scope scope) {
    for (Branch branch : choice.branches()) {
      if (evaluator.truth(branch.condition(), scope)) {
        return branch.body();
      }
    }
    return choice.otherwise();
  }

  private void runLoop(Statement.For loop, Scope scope) {
    List<Value> items = Conversions.items(evaluator.evaluate(loop.items(), scope), budget);
    if (loop.condition().isPresent()) {
      var kept = new ArrayList<Value>();
      for (Value item : items) {
        Scope inner = scope.inner();
        assign(loop.names(), item, inner);
        if (evaluator.truth(loop.condition().get(), inner)) {
          kept.add(item);
        }
      }
      items = kept;
    }
    if (items.isEmpty()) {
      run(loop.otherwise(), scope.inner());
    }
    for (int i = 0; i < items.size(); i++) {
      Scope inner = scope.inner();
      inner.set("loop", Loop.at(items, i));
      assign(loop.names(), items.get(i), inner);
      if (run(loop.body(), inner) == Flow.BREAK) {
        break;
      }
    }
  }

  private void assign(List<String> names, Value value, Scope scope) {
    if (names.size() == 1) {
      scope.set(names.getFirst(), value);
      return;
    }
    List<Value> parts = Conversions.items(value, budget);
    if (parts.size() != names.size()) {
      throw new JinjaException("%d values for %d names".formatted(parts.size(), names.size()));
    }
    for (int i = 0; i < parts.size(); i++) {
      scope.set(names.get(i), parts.get(i));
    }
  }

  private void setAttribute(Statement.SetAttribute set, Scope scope) {
    Value value = evaluator.evaluate(set.value(), scope);
    if (scope.get(set.namespace()) instanceof Value.Namespace namespace) {
      namespace.names().put(set.name(), value);
    } else {
      throw new JinjaException(quote(set.namespace()) + " is no namespace, and cannot be changed");
    }
  }

  private Value called(Statement.CallBlock block, Scope scope) {
    Value caller = macro("caller", block.parameters(), block.body(), scope);
    Arguments given = evaluator.arguments(block.call().arguments(), scope);
    var named = new LinkedHashMap<>(given.named());
    named.put("caller", caller);
    return evaluator.call(
        evaluator.evaluate(block.call().function(), scope),
        new Arguments(given.positional(), named));
  }

  private Value macro(
      String name, List<Parameter> parameters, List<Statement> body, Scope defined) {
    return new Value.Function(
        name,
        arguments -> {
          if (arguments.positional().size() > parameters.size()) {
            throw new JinjaException(
                "macro %s takes %d arguments, has %d"
                    .formatted(quote(name), parameters.size(), arguments.positional().size()));
          }
          Scope scope = defined.inner();
          for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            Optional<Expression> usual = parameter.usual();
            scope.set(
                parameter.name(),
                usual.isPresent() && !arguments.has(i, parameter.name())
                    ? evaluator.evaluate(usual.get(), scope)
                    : arguments.get(i, parameter.name()));
          }
          if (arguments.named().containsKey("caller")) {
            scope.set("caller", arguments.get(Integer.MAX_VALUE, "caller"));
          }
          int calledFrom = line;
          String text = printed(body, scope);
          line = calledFrom;
          return Value.of(text);
        });
  }
}
