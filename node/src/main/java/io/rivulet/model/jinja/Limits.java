package io.rivulet.model.jinja;

/**
 * What a rendering may take.
 *
 * @param steps expressions and statements evaluated, plus one for each item of a list and each 16
 *     characters of a text that is made or searched
 * @param characters of the output, and of any text on the way to it
 * @param depth of expressions and statements within each other, calls of macros included
 */
public record Limits(long steps, int characters, int depth) {

  /** Enough for any conversation that fits a model; used up in about a second. */
  public static final Limits USUAL = new Limits(4_000_000, 1 << 22, 400);
}
