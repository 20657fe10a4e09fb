package io.rivulet.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Things of a kind that are closed together, the last first. */
final class Opened<T> implements AutoCloseable {

  private final List<T> all = new ArrayList<>();
  private final Consumer<T> closing;

  private Opened(Consumer<T> closing) {
    this.closing = closing;
  }

  static <T> Opened<T> none() {
    return new Opened<>(nothing -> {});
  }

  static <T> Opened<T> one(T thing, Consumer<T> closing) {
    return several(1, i -> thing, closing);
  }

  /** Opens so many, each by its number from 0; when one fails, those before it are closed. */
  static <T> Opened<T> several(int count, IntFunction<T> opening, Consumer<T> closing) {
    var opened = new Opened<T>(closing);
    try {
      for (int i = 0; i < count; i++) {
        opened.all.add(opening.apply(i));
      }
      return opened;
    } catch (RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  List<T> all() {
    return List.copyOf(all);
  }

  @Override
  public void close() {
    all.reversed().forEach(closing);
    all.clear();
  }
}
