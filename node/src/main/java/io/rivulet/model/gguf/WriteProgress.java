package io.rivulet.model.gguf;

/** Hears how far the writing of a file has come. */
@FunctionalInterface
public interface WriteProgress {

  /** Called every few megabytes, and at the end, by the thread that writes. */
  void written(long bytes, long total);
}
