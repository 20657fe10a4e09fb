package io.rivulet.cli;

import io.rivulet.engine.EngineOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How much the engine remembers of the texts that it is in the midst of, and of earlier ones. */
final class CacheOptions {

  @Option(
      names = "--kv-tokens",
      paramLabel = "N",
      description =
          "Tokens of prompts and answers that fit the key-value cache, all running ones together"
              + " (default: by the model and the machine's memory).")
  private int tokens;

  @Option(
      names = "--prefix-cache-tokens",
      paramLabel = "N",
      description =
          "Tokens of earlier prompts and answers that stay in the key-value cache, so that prompts"
              + " that begin the same are not computed again; 0 turns this off (default: as many"
              + " as running ones leave room for).")
  private int prefixTokens = EngineOptions.DEFAULT.prefixCacheTokens();

  @Mixin private CacheTypeOption type;

  /** The options with what was said about the cache. */
  EngineOptions in(EngineOptions options) {
    return options.withKvTokens(tokens).withKvType(type.type()).withPrefixCacheTokens(prefixTokens);
  }
}
