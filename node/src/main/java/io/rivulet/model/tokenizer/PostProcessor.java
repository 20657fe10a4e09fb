package io.rivulet.model.tokenizer;

import java.util.List;
import java.util.Optional;

/** What a tokenizer.json puts before and behind a text, as far as it is one token each. */
final class PostProcessor {

  private final SpecialTokenIds ids;
  private boolean addsBos;
  private boolean addsEos;

  PostProcessor(JsonFields file, SpecialTokenIds ids) {
    this.ids = ids;
    file.fields("post_processor").ifPresent(this::read);
  }

  boolean addsBos() {
    return addsBos;
  }

  boolean addsEos() {
    return addsEos;
  }

  private void read(JsonFields part) {
    switch (part.requiredText("type")) {
      case "Sequence" -> part.list("processors").forEach(this::read);
      case "TemplateProcessing" -> readTemplate(part.list("single"));
      case "RobertaProcessing" -> {
        addsBos = ids.has("bos");
        addsEos = ids.has("eos");
      }
      default -> {}
    }
  }

  private void readTemplate(List<JsonFields> single) {
    if (single.size() > 1) {
      addsBos = special(single.getFirst()).filter(text -> ids.is("bos", text)).isPresent();
      addsEos = special(single.getLast()).filter(text -> ids.is("eos", text)).isPresent();
    }
  }

  private static Optional<String> special(JsonFields part) {
    return part.fields("SpecialToken").flatMap(token -> token.text("id"));
  }
}
