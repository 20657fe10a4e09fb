package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.MAX;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The largest of some floats that lie side by side.
 *
 * <p>Each call's receiver is a vector just loaded, never the largest so far, and no call is {@code
 * max()}: the compiler knows the class of what was loaded. Of what a loop carries along it knows
 * only what it has seen by then, which of a loop that runs once a token may be nothing; it then
 * leaves the calls as they are, and vectors on the heap, for as long as the process runs.
 */
final class VectorMaximum {

  private VectorMaximum() {}

  /** Of {@code count} floats, at least one. */
  static float of(MemorySegment xs, long at, int count) {
    if (count < LENGTH) {
      float largest = xs.get(FLOAT, at);
      for (int i = 1; i < count; i++) {
        largest = Math.max(largest, xs.get(FLOAT, at + 4L * i));
      }
      return largest;
    }
    // The last vector may have floats of the one before, which changes nothing.
    int last = count - LENGTH;
    FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < last; i += LENGTH) {
      largest =
          FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * i, LITTLE_ENDIAN)
              .lanewise(MAX, largest);
    }
    return FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * last, LITTLE_ENDIAN)
        .lanewise(MAX, largest)
        .reduceLanes(MAX);
  }

  /** Of the magnitudes of {@code count} floats; 0 of none. */
  static float ofMagnitudes(MemorySegment xs, long at, int count) {
    if (count < LENGTH) {
      float largest = 0;
      for (int i = 0; i < count; i++) {
        largest = Math.max(largest, Math.abs(xs.get(FLOAT, at + 4L * i)));
      }
      return largest;
    }
    int last = count - LENGTH;
    FloatVector largest = FloatVector.zero(FLOATS);
    for (int i = 0; i < last; i += LENGTH) {
      largest =
          FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * i, LITTLE_ENDIAN)
              .abs()
              .lanewise(MAX, largest);
    }
    return FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * last, LITTLE_ENDIAN)
        .abs()
        .lanewise(MAX, largest)
        .reduceLanes(MAX);
  }
}
