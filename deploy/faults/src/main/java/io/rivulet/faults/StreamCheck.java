package io.rivulet.faults;

import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.TokenEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the events of one request say, in the order of their partition. */
final class StreamCheck {

  private final String id;
  private final List<TokenEvent> tokens = new ArrayList<>();
  private final List<TokenEvent> ends = new ArrayList<>();
  private int repeated;
  private int different;
  private int gaps;
  private boolean wrong;
  private Optional<String> complaint = Optional.empty();

  StreamCheck(List<TokenEvent> events) {
    id = events.getFirst().id();
    for (TokenEvent event : events) {
      if (event.terminal()) {
        ends.add(event);
      } else {
        read(event);
      }
    }
    if (ends.isEmpty()) {
      complain("there is no terminal event after " + tokens.size() + " tokens");
    } else if (ends.size() > 1) {
      complain("there are several terminal events: " + ends);
    } else if (ends.getFirst().index() != tokens.size()) {
      gaps++;
      complain("the end has another index than " + tokens.size() + ": " + ends.getFirst());
    }
  }

  private void read(TokenEvent event) {
    if (event.index() > tokens.size()) {
      gaps++;
      complain("a gap before " + event);
    } else if (event.index() == tokens.size()) {
      tokens.add(event);
    } else {
      TokenEvent first = tokens.get(event.index());
      if (first.tokenIds().equals(event.tokenIds()) && first.text().equals(event.text())) {
        repeated++;
      } else {
        different++;
        complain("after " + first + " came " + event);
      }
    }
  }

  /** Compares with the answer of an undisturbed run. */
  void against(Sent.Prompt prompt) {
    if (ends.isEmpty()) {
      return;
    }
    Answer answer = prompt.answer();
    TokenEvent end = ends.getFirst();
    FinishReason reason = end.completion().orElseThrow().finishReason();
    boolean early =
        switch (reason) {
          case STOP, LENGTH, ERROR -> false;
          case CANCELLED, DEADLINE -> prompt.mayEndEarly();
        };
    var ids = tokens.stream().flatMap(event -> event.tokenIds().stream()).toList();
    var text = new StringBuilder();
    tokens.forEach(event -> text.append(event.text()));
    boolean right =
        early
            ? ids.size() <= answer.tokenIds().size()
                && ids.equals(answer.tokenIds().subList(0, ids.size()))
                && answer.text().startsWith(text.toString())
            : ids.equals(answer.tokenIds())
                && answer.text().equals(text.append(end.text()).toString())
                && answer.finishReason().equals(reason.name());
    if (!right) {
      wrong = true;
      complain(
          "the answer is '%s' after %d tokens, should be '%s' after %d; %s"
              .formatted(text, ids.size(), answer.text(), answer.tokenIds().size(), end));
    }
  }

  /** What nobody can serve is told so, and nothing else. */
  void refused() {
    if (!tokens.isEmpty()
        || ends.stream()
            .anyMatch(end -> end.completion().orElseThrow().finishReason() != FinishReason.ERROR)) {
      wrong = true;
      complain("it was answered although nobody can serve it: " + ends);
    }
  }

  /** The first thing found keeps the place: what follows may come of it. */
  private void complain(String what) {
    if (complaint.isEmpty()) {
      complaint = Optional.of(id + ": " + what);
    }
  }

  int tokens() {
    return tokens.size();
  }

  int ends() {
    return ends.size();
  }

  int repeated() {
    return repeated;
  }

  int different() {
    return different;
  }

  int gaps() {
    return gaps;
  }

  boolean wrong() {
    return wrong;
  }

  Optional<String> complaint() {
    return complaint;
  }
}
