package io.rivulet.trainer;

import java.io.IOException;

/** Entry point: trains, measures, exports, draws. */
public final class Main {
  private static final String HELP =
      """
      rivulet-trainer COMMAND --option value ...

      train    trains until its time is over; started again, goes on from the newest checkpoint
        --run DIR            checkpoints and log.csv
        --data DIR           train.prefix.ids, train.plain.ids and the same of valid
        --vocabulary FILE    tokenizer.vocab
        --minutes N          all of the training time, earlier runs included (100)
        --width N (256) --layers N (8) --heads N (4) --groups N (2) --hidden N (1024) --context N (512)
        --batch TOKENS (8192) --micro-batch TOKENS (1024) --warmup STEPS (60)
        --decay-share X      share of the time in which the rates fall to zero (0.46)
        --long-share X       share of the time with whole contexts; half ones before (0.18)
        --density X          share of non-zero hidden neurons to reach (0.10)
        --muon-rate X (0.02) --adam-rate X (0.004) --weight-decay X (0.05)

      evaluate measures the newest checkpoint on all of the held-out text
        --run DIR --data DIR

      export   writes the newest checkpoint as GGUF
        --run DIR --vocabulary FILE --output FILE
        --type T             of the matrices: Q8_0 or F32 (Q8_0)
        --name NAME          (rivulet-tiny)

      curve    draws a run's log
        --log FILE --output FILE.svg

      Set OMP_NUM_THREADS=1: the trainer runs two threads of its own.
      """;

  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
    if (arguments.length == 0 || arguments[0].endsWith("help")) {
      System.out.print(HELP);
      return;
    }
    try {
      Options options = new Options(arguments, 1);
      switch (arguments[0]) {
        case "train" -> new Training(options).run();
        case "evaluate" -> new Evaluation(options).run();
        case "export" -> new Export(options).run();
        case "curve" -> new LossCurve(options).run();
        default ->
            throw new IllegalArgumentException(
                "unknown command " + arguments[0] + "; --help lists them");
      }
    } catch (IllegalArgumentException | IOException e) {
      System.err.println("rivulet-trainer: " + e.getMessage());
      System.exit(1);
    }
  }
}
