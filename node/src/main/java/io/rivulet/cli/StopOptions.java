package io.rivulet.cli;

import io.rivulet.protocol.GenerationRequestBuilder;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** What ends the text before its last token. */
final class StopOptions {

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End before this text. Can be given several times.")
  private List<String> strings = new ArrayList<>();

  @Option(
      names = "--stop-token",
      paramLabel = "ID",
      description = "End at this token. Can be given several times.")
  private List<Integer> tokenIds = new ArrayList<>();

  @Option(
      names = "--min-tokens",
      paramLabel = "N",
      description = "Nothing ends the text before so many tokens (default: ${DEFAULT-VALUE}).")
  private int minTokens;

  @Option(names = "--ignore-eos", description = "Go on past the model's own end.")
  private boolean ignoreEos;

  void addTo(GenerationRequestBuilder request) {
    request.stop(strings).stopTokenIds(tokenIds).minTokens(minTokens).ignoreEos(ignoreEos);
  }
}
