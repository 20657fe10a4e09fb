package io.rivulet.kernels.bench;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What an operation reads and computes. JMH divides each sum by the seconds that it took. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Traffic {

  private static final double GIGA = 1e9;

  /** 10^9 bytes of weights, keys and values; a second of them is a speed in GB/s. */
  public double gigabytes;

  /** 10^9 multiply-adds. */
  public double gigamacs;

  /**
   * Seconds that the read probe takes for the bytes; a second of them is the share of its speed.
   */
  public double ofProbe;

  void count(Machine machine, long bytes, long macs) {
    gigabytes += bytes / GIGA;
    gigamacs += macs / GIGA;
    ofProbe += bytes / GIGA / machine.probe();
  }
}
