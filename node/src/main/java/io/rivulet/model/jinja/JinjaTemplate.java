package io.rivulet.model.jinja;

import java.util.List;
import java.util.Map;

/** A template, read and ready to render. Immutable and safe to use from many threads. */
public final class JinjaTemplate {

  private static final int MAX_CHARACTERS = 1 << 20;

  private final List<Statement> statements;

  private JinjaTemplate(List<Statement> statements) {
    this.statements = statements;
  }

  /**
   * Reads a template.
   *
   * @throws JinjaException if it breaks the language's rules, or is too long or nested too deep
   */
  public static JinjaTemplate parse(String template) {
    if (template.length() > MAX_CHARACTERS) {
      throw new JinjaException("the template has more than " + MAX_CHARACTERS + " characters");
    }
    return new JinjaTemplate(TemplateParser.parse(template));
  }

  /**
   * Prints it.
   *
   * @param variables by name; not changed
   * @throws JinjaException if it does what makes no sense, or takes more than the limits
   */
  public String render(Map<String, Value> variables, Limits limits) {
    return Renderer.render(statements, variables, limits);
  }
}
