package io.rivulet.model.jinja;

/** Counts what a rendering takes, and ends it at the limits. */
final class Budget {

  private static final int CHARACTERS_A_STEP = 16;
  private static final int COMPARISONS_A_STEP = 256;

  private final Limits limits;
  private long steps;
  private int depth;

  Budget(Limits limits) {
    this.limits = limits;
  }

  /** So many steps are about to be taken. */
  void spend(long count) {
    steps += count;
    if (steps > limits.steps()) {
      throw new JinjaException("needs more than " + limits.steps() + " steps");
    }
  }

  /** A text of so many characters is about to be made or read through. */
  void spendText(long characters) {
    checkLength(characters);
    spend(characters / CHARACTERS_A_STEP);
  }

  /** A text is about to be searched for a part. */
  void spendSearch(String text, String part) {
    spend(text.length() / CHARACTERS_A_STEP);
    spend((long) text.length() * part.length() / COMPARISONS_A_STEP);
  }

  /** A text has come to so many characters. */
  void checkLength(long characters) {
    if (characters > limits.characters()) {
      throw new JinjaException("makes a text of more than " + limits.characters() + " characters");
    }
  }

  /** One level deeper; each is left again. */
  void enter() {
    spend(1);
    if (++depth > limits.depth()) {
      throw new JinjaException("nests deeper than " + limits.depth());
    }
  }

  /** One level up. */
  void leave() {
    depth--;
  }
}
