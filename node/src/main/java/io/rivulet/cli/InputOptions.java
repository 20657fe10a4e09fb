package io.rivulet.cli;

import io.rivulet.protocol.ChatMessage;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.GenerationRequestBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What to continue: a text, or a chat. */
final class InputOptions {

  @Option(names = "--prompt", paramLabel = "TEXT", description = "The text to continue.")
  private Optional<String> prompt = Optional.empty();

  @Option(
      names = "--message",
      paramLabel = "TEXT",
      description = "What a user says, for the model's chat template; instead of --prompt.")
  private Optional<String> message = Optional.empty();

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "The system message before --message.")
  private Optional<String> system = Optional.empty();

  /** Starts a request; asks for a prompt where neither prompt nor message was given. */
  GenerationRequestBuilder request() {
    if (message.isEmpty()) {
      if (system.isPresent()) {
        throw new IllegalArgumentException("--system goes with --message: give one");
      }
      return GenerationRequest.of(Prompts.choose(prompt));
    }
    if (prompt.isPresent()) {
      throw new IllegalArgumentException("--prompt and --message are both there: give one of them");
    }
    List<ChatMessage> messages = new ArrayList<>();
    system.ifPresent(text -> messages.add(new ChatMessage("system", text)));
    message.ifPresent(text -> messages.add(new ChatMessage("user", text)));
    return GenerationRequest.of(messages);
  }
}
