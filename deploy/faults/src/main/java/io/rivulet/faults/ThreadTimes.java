package io.rivulet.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Processor time that the threads of a process have taken, in seconds, from Linux's {@code /proc}.
 *
 * @param computing the engine's thread and the kernels'
 * @param machine the JVM's compilers and collectors
 * @param rest Kafka's clients, and all that hands prompts and tokens to and fro
 */
record ThreadTimes(double computing, double machine, double rest) {

  private static final List<String> COMPUTING = List.of("rivulet-engine", "rivulet-kernels");
  private static final List<String> MACHINE = List.of("C1 ", "C2 ", "G1 ", "GC ", "VM ");

  /** Of a second, in which {@code /proc} counts; the same on all Linux machines. */
  private static final double TICK = 0.01;

  double total() {
    return computing + machine + rest;
  }

  ThreadTimes minus(ThreadTimes earlier) {
    return new ThreadTimes(
        computing - earlier.computing, machine - earlier.machine, rest - earlier.rest);
  }

  private ThreadTimes plus(ThreadTimes more) {
    return new ThreadTimes(computing + more.computing, machine + more.machine, rest + more.rest);
  }

  /** What the threads of a process have taken that live. */
  static ThreadTimes of(long pid) throws IOException {
    var sum = new ThreadTimes(0, 0, 0);
    try (Stream<Path> threads = Files.list(Path.of("/proc", String.valueOf(pid), "task"))) {
      for (Path thread : threads.toList()) {
        sum = sum.plus(ofThread(thread));
      }
    }
    return sum;
  }

  private static ThreadTimes ofThread(Path thread) throws IOException {
    String stat;
    try {
      stat = Files.readString(thread.resolve("stat"));
    } catch (NoSuchFileException e) {
      return new ThreadTimes(0, 0, 0);
    }
    // The name stands in parentheses and may have any characters; see proc_pid_stat(5).
    String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    List<String> fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
    double time = (Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12))) * TICK;
    if (COMPUTING.stream().anyMatch(name::startsWith)) {
      return new ThreadTimes(time, 0, 0);
    }
    return MACHINE.stream().anyMatch(name::startsWith)
        ? new ThreadTimes(0, time, 0)
        : new ThreadTimes(0, 0, time);
  }
}
