package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.engine.AuditBounds;
import io.rivulet.engine.GenerationInput;
import io.rivulet.engine.GenerationResult;
import io.rivulet.engine.GenerationTask;
import io.rivulet.engine.LogProbabilities;
import io.rivulet.engine.LogProbability;
import io.rivulet.engine.NeuronActivity;
import io.rivulet.engine.Penalties;
import io.rivulet.engine.SamplingParameters;
import io.rivulet.engine.StopParameters;
import io.rivulet.engine.TimeCounts;
import io.rivulet.model.SparsityMode;
import io.rivulet.protocol.ChatMessage;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.Input;
import io.rivulet.protocol.Logprobs;
import io.rivulet.protocol.RequestSparsity;
import io.rivulet.protocol.Sampling;
import io.rivulet.protocol.Sparsity;
import io.rivulet.protocol.SparsityFigures;
import io.rivulet.protocol.Stop;
import io.rivulet.protocol.TimeHistogram;
import io.rivulet.protocol.TokenLogprob;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** The messages' terms in the engine's, and back: one meaning with Kafka and without. */
public final class Translation {

  private Translation() {}

  /**
   * What a request asks for.
   *
   * @param id the request's, which decides the seed where it has none
   * @param sent when it was sent, which a chat's template takes for now
   */
  public static GenerationTask task(
      String id,
      Instant sent,
      GenerationRequest request,
      int defaultMaxTokens,
      SparsityMode defaultSparsity) {
    return new GenerationTask(
            input(request.input(), sent),
            request.maxTokens().orElse(defaultMaxTokens),
            sampling(request.sampling(), id),
            stop(request.stop()),
            request.topLogprobs(),
            request.sparsity().map(Translation::mode).orElse(defaultSparsity))
        .withPriority(request.priority());
  }

  /** How likely a token was. */
  public static Logprobs logprobs(LogProbabilities logProbabilities) {
    return new Logprobs(
        logprob(logProbabilities.chosen()),
        logProbabilities.top().stream().map(Translation::logprob).toList());
  }

  /** How sparsely a request's tokens were computed. */
  public static RequestSparsity sparsity(GenerationResult result) {
    NeuronActivity all = result.activity();
    return new RequestSparsity(
        all.density(),
        boxed(all.predictedDensity()),
        boxed(all.audits().recall()),
        boxed(all.audits().meanCett()),
        all.fallbackShare(),
        result.layerDensity());
  }

  /** How a request asks for a mode. */
  public static Sparsity sparsity(SparsityMode mode) {
    return switch (mode) {
      case OFF -> Sparsity.OFF;
      case EXACT -> Sparsity.EXACT;
      case THRESHOLD -> Sparsity.THRESHOLD;
      case PREDICTED -> Sparsity.PREDICTED;
    };
  }

  /**
   * How sparsely a layer, or all, computed.
   *
   * @param bounds that its audits are held to
   * @param fallenBack answers that it is computed exactly for now
   */
  static SparsityFigures figures(NeuronActivity activity, AuditBounds bounds, int fallenBack) {
    return new SparsityFigures(
        activity.density(),
        boxed(activity.predictedDensity()),
        boxed(activity.audits().recall()),
        boxed(bounds.recallFloor()),
        boxed(activity.audits().precision()),
        boxed(activity.audits().meanCett()),
        boxed(bounds.cettCeiling()),
        activity.audits().audits(),
        activity.fallbackShare(),
        fallenBack,
        activity.bytes().read(),
        activity.bytes().skipped(),
        activity.densityCounts());
  }

  /** How long something took. */
  static TimeHistogram histogram(TimeCounts times) {
    return new TimeHistogram(
        times.bounds().stream().map(bound -> (double) bound.toMillis()).toList(),
        times.counts(),
        times.sum());
  }

  private static Optional<Double> boxed(OptionalDouble value) {
    return value.stream().boxed().findFirst();
  }

  private static TokenLogprob logprob(LogProbability token) {
    return new TokenLogprob(token.tokenId(), token.text(), token.bytes(), token.value());
  }

  private static GenerationInput input(Input input, Instant sent) {
    return switch (input) {
      case Input.Text(String prompt) -> new GenerationInput.Text(prompt);
      case Input.Chat(List<ChatMessage> messages) ->
          new GenerationInput.Chat(messages.stream().map(Translation::message).toList(), sent);
    };
  }

  private static GenerationInput.Message message(ChatMessage message) {
    return new GenerationInput.Message(message.role(), message.content());
  }

  private static SamplingParameters sampling(Sampling sampling, String id) {
    return new SamplingParameters(
        sampling.temperature(),
        sampling.topK(),
        sampling.topP(),
        sampling.minP(),
        new Penalties(
            sampling.repetitionPenalty(), sampling.frequencyPenalty(), sampling.presencePenalty()),
        sampling.logitBias(),
        sampling.seed().orElseGet(() -> seedOf(id)));
  }

  private static StopParameters stop(Stop stop) {
    return new StopParameters(
        stop.strings(), new HashSet<>(stop.tokenIds()), stop.minTokens(), stop.ignoreEos());
  }

  private static SparsityMode mode(Sparsity sparsity) {
    return switch (sparsity) {
      case OFF -> SparsityMode.OFF;
      case EXACT -> SparsityMode.EXACT;
      case THRESHOLD -> SparsityMode.THRESHOLD;
      case PREDICTED -> SparsityMode.PREDICTED;
    };
  }

  /** A seed that is the same for every attempt at a request, whichever node makes it. */
  private static long seedOf(String id) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(id.getBytes(UTF_8));
      return ByteBuffer.wrap(digest).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
