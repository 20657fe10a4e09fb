/**
 * Benchmarks of the kernels, for JMH: each runs in forks of its own and tells, beside operations a
 * second, how many bytes a second it reads and what share that is of the read probe's speed in the
 * same fork. Uses the kernels' public interface alone. Built and run by the Maven profile {@code
 * bench}.
 */
package io.rivulet.kernels.bench;
