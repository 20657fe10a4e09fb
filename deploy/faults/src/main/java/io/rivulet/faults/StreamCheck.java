package io.rivulet.faults;

import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.TokenEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the events of one request say, in the order of their partition, to a reader who takes the
 * first of each index until the first end. What an attempt sent while the prompt was its own may
 * come after another attempt's: the network had it, which no node can call back. So a second end is
 * a fault where one attempt makes both, and otherwise a straggler, as tokens after the end are.
 */
final class StreamCheck {

  private final String id;
  private final List<TokenEvent> tokens = new ArrayList<>();
  private final List<TokenEvent> late = new ArrayList<>();
  private final Set<Spoken.Speaker> enders = new HashSet<>();
  private Optional<TokenEvent> end = Optional.empty();
  private int ends;
  private int repeated;
  private int different;
  private int gaps;
  private int unclaimed;
  private boolean wrong;
  private Optional<String> complaint = Optional.empty();

  StreamCheck(List<Spoken> events) {
    id = events.getFirst().event().id();
    events.forEach(this::read);
    if (end.isEmpty()) {
      complain("there is no terminal event after " + tokens.size() + " tokens");
    }
    findUnclaimed(events);
  }

  private void read(Spoken spoken) {
    TokenEvent event = spoken.event();
    boolean over = enders.contains(spoken.speaker());
    if (event.terminal()) {
      enders.add(spoken.speaker());
    }
    if (over && event.terminal()) {
      ends++;
      complain("one attempt ended twice: " + event);
    } else if (over) {
      gaps++;
      complain("an attempt went on after its end: " + event);
    } else if (end.isPresent()) {
      readLate(event);
    } else if (event.terminal()) {
      end = Optional.of(event);
      ends++;
      if (event.index() != tokens.size()) {
        gaps++;
        complain("the end has another index than " + tokens.size() + ": " + event);
      }
    } else if (event.index() > tokens.size()) {
      gaps++;
      complain("a gap before " + event);
    } else if (event.index() == tokens.size()) {
      tokens.add(event);
    } else if (repeats(event)) {
      repeated++;
    }
  }

  private void readLate(TokenEvent event) {
    late.add(event);
    if (!event.terminal() && event.index() < tokens.size()) {
      repeats(event);
    }
  }

  /** Whether it says what was said of its index before; it is a fault where it does not. */
  private boolean repeats(TokenEvent event) {
    TokenEvent first = tokens.get(event.index());
    boolean same = first.tokenIds().equals(event.tokenIds()) && first.text().equals(event.text());
    if (!same) {
      different++;
      complain("after " + first + " came " + event);
    }
    return same;
  }

  /** Who speaks although another attempt has begun to has lost the prompt and not stopped. */
  private void findUnclaimed(List<Spoken> events) {
    Map<Spoken.Speaker, List<Spoken>> bySpeaker = new LinkedHashMap<>();
    events.forEach(
        spoken ->
            bySpeaker.computeIfAbsent(spoken.speaker(), first -> new ArrayList<>()).add(spoken));
    List<List<Spoken>> attempts =
        bySpeaker.values().stream().sorted(Comparator.comparing(StreamCheck::begun)).toList();
    for (int i = 0; i + 1 < attempts.size(); i++) {
      Instant next = begun(attempts.get(i + 1));
      for (Spoken spoken : attempts.get(i)) {
        if (spoken.at().isAfter(next)) {
          unclaimed++;
          complain("another attempt spoke from %s on, and yet: %s".formatted(next, spoken));
        }
      }
    }
  }

  private static Instant begun(List<Spoken> attempt) {
    return attempt.stream().map(Spoken::at).min(Comparator.naturalOrder()).orElseThrow();
  }

  /** Compares with the answer of an undisturbed run. */
  void against(Sent.Prompt prompt) {
    if (end.isEmpty()) {
      return;
    }
    Answer answer = prompt.answer();
    TokenEvent last = end.get();
    var ids = tokens.stream().flatMap(event -> event.tokenIds().stream()).toList();
    var text = new StringBuilder();
    tokens.forEach(event -> text.append(event.text()));
    boolean right =
        early(last, prompt)
            ? ids.size() <= answer.tokenIds().size()
                && ids.equals(answer.tokenIds().subList(0, ids.size()))
                && answer.text().startsWith(text.toString())
            : ids.equals(answer.tokenIds())
                && answer.text().equals(text.append(last.text()).toString())
                && answer.finishReason().equals(reason(last).name());
    if (!right) {
      wrong = true;
      complain(
          "the answer is '%s' after %d tokens, should be '%s' after %d; %s"
              .formatted(text, ids.size(), answer.text(), answer.tokenIds().size(), last));
    }
    for (TokenEvent event : late) {
      if (!(event.terminal() ? mayEnd(event, prompt) : isOf(event, answer))) {
        wrong = true;
        complain("after the end came what is no part of the answer: " + event);
      }
    }
  }

  private static FinishReason reason(TokenEvent end) {
    return end.completion().orElseThrow().finishReason();
  }

  private static boolean early(TokenEvent end, Sent.Prompt prompt) {
    return switch (reason(end)) {
      case STOP, LENGTH, ERROR -> false;
      case CANCELLED, DEADLINE -> prompt.mayEndEarly();
    };
  }

  private static boolean mayEnd(TokenEvent end, Sent.Prompt prompt) {
    return early(end, prompt)
        || (end.index() == prompt.answer().tokenIds().size()
            && prompt.answer().finishReason().equals(reason(end).name()));
  }

  private static boolean isOf(TokenEvent event, Answer answer) {
    return event.index() < answer.tokenIds().size()
        && event.tokenIds().equals(List.of(answer.tokenIds().get(event.index())));
  }

  /** What nobody can serve is told so, and nothing else. */
  void refused() {
    boolean toldSo =
        tokens.isEmpty()
            && end.filter(each -> reason(each) != FinishReason.ERROR).isEmpty()
            && late.stream()
                .allMatch(each -> each.terminal() && reason(each) == FinishReason.ERROR);
    if (!toldSo) {
      wrong = true;
      complain("it was answered although nobody can serve it: " + end);
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

  /** Those that are no stragglers. */
  int ends() {
    return ends;
  }

  int repeated() {
    return repeated;
  }

  /** Events after the end, of other attempts than the one that made it. */
  int late() {
    return late.size();
  }

  int different() {
    return different;
  }

  int gaps() {
    return gaps;
  }

  /** Events made by an attempt after another one had begun to speak. */
  int unclaimed() {
    return unclaimed;
  }

  boolean wrong() {
    return wrong;
  }

  Optional<String> complaint() {
    return complaint;
  }
}
