package io.rivulet.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Texts that commands are given as files. */
final class TextFiles {

  private TextFiles() {}

  /**
   * The text of a file.
   *
   * @throws IllegalArgumentException if it does not exist or is not UTF-8
   */
  static String read(Path file, String option) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          "%s does not exist: give %s a file".formatted(file, option), e);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(file + " is not UTF-8 text: convert it first", e);
    } catch (IOException e) {
      throw new CommandFailedException(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
