package io.rivulet.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Generates text for many tasks at once. Thread-safe. */
public interface Engine extends AutoCloseable {

  /**
   * Queues a task. Its listener hears tokens as they are generated; the same task gives the same
   * tokens whatever else is in the batch and however many threads compute.
   *
   * @throws IllegalArgumentException when the task can never run: prompt and {@code maxTokens} do
   *     not fit the context, say; the message names the number and the limit
   * @throws IllegalStateException when the engine is closed
   */
  Generation submit(GenerationTask task, GenerationListener listener);

  /** Queue, batch and cache use, and running totals. */
  EngineLoad load();

  /** Running totals of each layer's neurons, decode and prefill alike. */
  List<NeuronActivity> layerActivity();

  /** Completes, with the reason in one line, when the engine ends though nobody closed it. */
  CompletionStage<String> failed();

  /** How long the engine has had work and finished no step; zero where it waits for work. */
  Duration stalled();

  /** For each layer, the running sequences that it is computed exactly for by what audits found. */
  List<Integer> fallenBack();

  /** What sequences' audits of each layer must find. */
  List<AuditBounds> auditBounds();

  /** Cancels what is left, ends the step loop and frees the threads. The model stays open. */
  @Override
  void close();
}
