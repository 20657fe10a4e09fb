package io.rivulet.faults;

import java.util.ArrayList;
import java.util.List;

/** What went wrong that must not, in words. Thread-safe. */
final class Complaints {

  private final List<String> all = new ArrayList<>();

  synchronized void add(String complaint) {
    all.add(complaint);
  }

  synchronized List<String> all() {
    return List.copyOf(all);
  }
}
