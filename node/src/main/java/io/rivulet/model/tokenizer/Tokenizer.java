package io.rivulet.model.tokenizer;

/** Text to token ids and back, as one model was trained with. Thread-safe. */
public interface Tokenizer {

  /** What {@link #bos()} and {@link #eos()} give where the vocabulary has no such token. */
  int NONE = -1;

  /**
   * The ids of a text, with the beginning-of-sequence and end-of-sequence tokens where the file
   * asks for them. Text that reads like a control token is text. A surrogate without its pair
   * becomes U+FFFD.
   */
  int[] encode(String text);

  /**
   * The ids of a text that a chat template made: as {@link #encode}, but control tokens that are
   * written in the text become those tokens, and the beginning-of-sequence and end-of-sequence
   * tokens are added only where the text does not begin or end with them already.
   */
  int[] encodeWithControls(String text);

  /**
   * The bytes that a token adds to a text: a part of a UTF-8 character, several, or none as for
   * control tokens. To show tokens as they come, hand these to a {@link StreamingDecoder}.
   *
   * @throws IndexOutOfBoundsException unless 0 &lt;= id &lt; {@link #size()}
   */
  byte[] bytes(int id);

  /**
   * The text of tokens that stand for a whole text: what {@link #encode} put in front of it is
   * taken away, so that the text comes back exactly, but for what the model's own normalization
   * changed. Tokens that continue a text are to be decoded by {@link #bytes}, which keeps their
   * leading space.
   */
  String decode(int[] ids);

  /** The beginning-of-sequence token, or {@link #NONE}. */
  int bos();

  /** The end-of-sequence token, or {@link #NONE}. */
  int eos();

  /** Whether the token ends a generation: end of sequence, of turn, of message. */
  boolean endsGeneration(int id);

  /** Tokens in the vocabulary. */
  int size();
}
