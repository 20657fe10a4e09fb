package io.rivulet.trainer;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Two workers on a thread each, which share a step's micro-batches (whoever is free takes the next,
 * so that a core that other programs use too does not hold up the other) and then the optimiser's
 * work. libtorch itself is to run one thread a call: set OMP_NUM_THREADS=1.
 */
final class Team implements AutoCloseable {
  /** The step sizes of one step. */
  record Rates(double muon, double adam, double decay) {}

  private static final int WORKERS = 2;
  private static final double LARGEST_NORM = 1.0;

  private final ExecutorService[] threads = new ExecutorService[WORKERS];
  private final Worker[] workers = new Worker[WORKERS];
  private final Weights weights;

  Team(PtNDManager manager, ModelShape shape, Weights weights) throws InterruptedException {
    this.weights = weights;
    for (int i = 0; i < WORKERS; i++) {
      threads[i] = Executors.newSingleThreadExecutor();
    }
    for (int i = 0; i < WORKERS; i++) {
      workers[i] = get(threads[i].submit(() -> new Worker(manager, shape, weights)));
    }
  }

  Worker firstWorker() {
    return workers[0];
  }

  /** Runs something on the first worker's thread. */
  <T> T onFirst(Callable<T> action) throws InterruptedException {
    return get(threads[0].submit(action));
  }

  /** Gradients of a step's micro-batches, at least one a worker. */
  Worker.Outcome accumulate(List<List<long[]>> batches, double[] penalties)
      throws InterruptedException {
    Queue<List<long[]>> rest =
        new ConcurrentLinkedQueue<>(batches.subList(WORKERS, batches.size()));
    return mean(
        everyone(
            index -> {
              List<Worker.Outcome> outcomes = new ArrayList<>();
              for (List<long[]> batch = batches.get(index); batch != null; batch = rest.poll()) {
                outcomes.add(workers[index].accumulate(batch, penalties));
              }
              return outcomes;
            }));
  }

  Worker.Outcome evaluate(List<List<long[]>> batches) throws InterruptedException {
    Queue<List<long[]>> rest = new ConcurrentLinkedQueue<>(batches);
    return mean(
        everyone(
            index -> {
              List<Worker.Outcome> outcomes = new ArrayList<>();
              for (List<long[]> batch = rest.poll(); batch != null; batch = rest.poll()) {
                outcomes.add(workers[index].evaluate(batch));
              }
              return outcomes;
            }));
  }

  /**
   * Applies the summed gradients, divided by the number of micro-batches; {@code step} counts from
   * 0. Returns their norm.
   */
  double step(int batches, int step, Rates rates) throws InterruptedException {
    int[][] shares = divide();
    double norm =
        Math.sqrt(
            everyone(
                    index ->
                        workers[index]
                            .optimizer()
                            .number(
                                "reduce",
                                gradients(workers[0], shares[index]),
                                gradients(workers[1], shares[index]),
                                IValue.from(1.0 / batches)))
                .stream()
                .mapToDouble(Double::doubleValue)
                .sum());
    IValue clip = IValue.from(Math.min(1, LARGEST_NORM / norm));
    everyone(
        index -> {
          int[] matrices =
              Arrays.stream(shares[index]).filter(i -> weights.tensors().get(i).matrix()).toArray();
          int[] others =
              Arrays.stream(shares[index])
                  .filter(i -> !weights.tensors().get(i).matrix())
                  .toArray();
          Program optimizer = workers[index].optimizer();
          optimizer.number(
              "muon",
              list(matrices, weights::value),
              gradients(workers[0], matrices),
              list(matrices, weights::first),
              clip,
              IValue.from(rates.muon()),
              IValue.from(rates.decay()));
          optimizer.number(
              "adam",
              list(others, weights::value),
              gradients(workers[0], others),
              list(others, weights::first),
              list(others, weights::second),
              clip,
              IValue.from(rates.adam()),
              IValue.from(1 - Math.pow(0.9, step + 1)),
              IValue.from(1 - Math.pow(0.95, step + 1)));
          return null;
        });
    return norm;
  }

  /**
   * Tensors a worker: the dearest first, each to whoever has less; a matrix costs its Newton-Schulz
   * steps.
   */
  private int[][] divide() {
    List<List<Integer>> shares = List.of(new ArrayList<>(), new ArrayList<>());
    double[] loads = new double[WORKERS];
    List<ModelShape.Tensor> tensors = weights.tensors();
    List<Integer> order = new ArrayList<>(IntStream.range(0, tensors.size()).boxed().toList());
    order.sort(Comparator.comparingDouble(i -> -cost(tensors.get(i))));
    for (int i : order) {
      int least = loads[0] <= loads[1] ? 0 : 1;
      loads[least] += cost(tensors.get(i));
      shares.get(least).add(i);
    }
    return shares.stream()
        .map(share -> share.stream().mapToInt(Integer::intValue).toArray())
        .toArray(int[][]::new);
  }

  private static double cost(ModelShape.Tensor tensor) {
    return tensor.matrix()
        ? 20.0 * tensor.size() * Math.min(tensor.rows(), tensor.columns())
        : 100.0 * tensor.size();
  }

  private static IValue gradients(Worker worker, int[] indices) {
    return list(indices, worker::gradient);
  }

  private static IValue list(int[] indices, IntFunction<PtNDArray> tensor) {
    return IValue.listFrom(Arrays.stream(indices).mapToObj(tensor).toArray(PtNDArray[]::new));
  }

  private static Worker.Outcome mean(List<List<Worker.Outcome>> outcomes) {
    List<Worker.Outcome> all = outcomes.stream().flatMap(List::stream).toList();
    double[] shares = new double[all.getFirst().shares().length];
    for (int layer = 0; layer < shares.length; layer++) {
      int at = layer;
      shares[layer] =
          all.stream().mapToDouble(outcome -> outcome.shares()[at]).average().orElseThrow();
    }
    return new Worker.Outcome(
        all.stream().mapToDouble(Worker.Outcome::loss).average().orElseThrow(), shares);
  }

  private interface Task<T> {
    T run(int worker) throws Exception;
  }

  private <T> List<T> everyone(Task<T> task) throws InterruptedException {
    List<Future<T>> futures = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      int index = i;
      futures.add(threads[i].submit(() -> task.run(index)));
    }
    List<T> results = new ArrayList<>();
    for (Future<T> future : futures) {
      results.add(get(future));
    }
    return results;
  }

  private static <T> T get(Future<T> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    for (ExecutorService thread : threads) {
      thread.close();
    }
  }
}
