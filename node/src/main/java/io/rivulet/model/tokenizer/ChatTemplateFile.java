package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.ModelFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The chat template of a model directory, from whichever file has it. */
final class ChatTemplateFile {

  private static final long MAX_BYTES = 1 << 22;
  private static final String FIELD = "chat_template";

  private ChatTemplateFile() {}

  static Optional<String> read(Path directory) {
    return JsonFields.read(directory.resolve("tokenizer_config.json"))
        .flatMap(ChatTemplateFile::template)
        .or(() -> readJinja(directory.resolve("chat_template.jinja")))
        .or(
            () ->
                JsonFields.read(directory.resolve("chat_template.json"))
                    .flatMap(ChatTemplateFile::template));
  }

  /** The template, or of several with names the one named default. */
  private static Optional<String> template(JsonFields fields) {
    Optional<JsonNode> value = fields.value(FIELD);
    if (value.isEmpty() || !value.get().isArray()) {
      return fields.text(FIELD);
    }
    return fields.list(FIELD).stream()
        .filter(named -> named.requiredText("name").equals("default"))
        .map(named -> named.requiredText("template"))
        .findFirst();
  }

  private static Optional<String> readJinja(Path file) {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new ModelFileException(
            file, "has %d bytes, the limit is %d".formatted(size, MAX_BYTES), "download it again");
      }
      return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new ModelFileException(
          file, "cannot be read: " + e.getMessage(), "download it again", e);
    }
  }
}
