package io.rivulet.model.safetensors;

import static io.rivulet.model.gguf.ModelFileException.quote;

import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Reads the JSON in a model's directory, within limits and no name twice in an object. */
public final class JsonFile {

  private static final int MAX_DEPTH = 32;
  private static final int MAX_NAME_LENGTH = 1024;
  private static final int MAX_NUMBER_LENGTH = 100;
  private static final int MAX_TEXT_LENGTH = 1 << 22;
  private static final int MAX_SHOWN_REASON = 200;

  static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNameLength(MAX_NAME_LENGTH)
                          .maxNumberLength(MAX_NUMBER_LENGTH)
                          .maxStringLength(MAX_TEXT_LENGTH)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonFile() {}

  /**
   * The object in a file.
   *
   * @param maxBytes the most that the file may have
   * @throws ModelFileException if it is not there, too large, or no JSON object
   */
  public static ObjectNode read(Path file, long maxBytes) {
    try {
      long size = Files.size(file);
      if (size > maxBytes) {
        throw new ModelFileException(
            file,
            "has %d bytes, the limit is %d".formatted(size, maxBytes),
            "check that it is the model's own");
      }
      JsonNode root = JSON.readTree(Files.readAllBytes(file));
      if (root instanceof ObjectNode object) {
        return object;
      }
      throw malformed(file, "is no JSON object");
    } catch (JacksonException e) {
      throw malformed(file, e);
    } catch (NoSuchFileException e) {
      throw new ModelFileException(file, "does not exist", "download it with the model", e);
    } catch (IOException e) {
      throw new ModelFileException(
          file, "cannot be read: " + e.getMessage(), "check its permissions, or copy it again", e);
    }
  }

  /**
   * The object in a text that a file holds.
   *
   * @throws ModelFileException if it is no JSON object
   */
  public static ObjectNode parse(Path file, String text) {
    try {
      if (JSON.readTree(text) instanceof ObjectNode object) {
        return object;
      }
      throw malformed(file, "holds no JSON object");
    } catch (JacksonException e) {
      throw malformed(file, e);
    }
  }

  /** An object without members. */
  public static ObjectNode emptyObject() {
    return JSON.createObjectNode();
  }

  static ModelFileException malformed(Path file, String problem) {
    return new ModelFileException(file, problem, "download or copy it again");
  }

  static ModelFileException malformed(Path file, JacksonException e) {
    String reason = e.getOriginalMessage();
    String shown =
        reason.length() <= MAX_SHOWN_REASON ? reason : reason.substring(0, MAX_SHOWN_REASON);
    String at =
        e.getLocation() == null
            ? ""
            : " at line %d, column %d"
                .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
    return new ModelFileException(
        file, "is not sound JSON" + at + ": " + shown, "download or copy it again", e);
  }

  /** What to throw where a member makes no sense: "member M PROBLEM". */
  public static ModelFileException invalid(Path file, String member, String problem) {
    return malformed(file, "member " + quote(member) + " " + problem);
  }
}
