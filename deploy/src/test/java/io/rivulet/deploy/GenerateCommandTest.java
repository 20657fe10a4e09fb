package io.rivulet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The shipped model, by way of the launcher. */
class GenerateCommandTest {

  private static final String PROMPT = "It was a dark night, and the captain";

  @Test
  void everySparsityModeAndThreadCountGivesTheSameText() throws Exception {
    JsonNode reference = generate("--temperature", "0", "--sparsity", "off", "--threads", "1");
    assertEquals(40, reference.get("token_ids").size());
    for (String sparsity : List.of("off", "exact")) {
      for (String threads : List.of("1", "2")) {
        JsonNode other =
            generate("--temperature", "0", "--sparsity", sparsity, "--threads", threads);
        assertEquals(reference.get("token_ids"), other.get("token_ids"), sparsity + " " + threads);
        assertEquals(reference.get("text"), other.get("text"), sparsity + " " + threads);
      }
    }
  }

  @Test
  void exactModeReadsAFractionOfTheNeurons() throws Exception {
    for (JsonNode layer : generate("--sparsity", "exact").get("layer_density")) {
      assertTrue(layer.doubleValue() > 0 && layer.doubleValue() < 0.5, "density " + layer);
    }
    for (JsonNode layer : generate("--sparsity", "off").get("layer_density")) {
      assertEquals(1.0, layer.doubleValue());
    }
  }

  @Test
  void theSeedDecidesTheText() throws Exception {
    JsonNode one = generate("--temperature", "1", "--seed", "5");
    assertEquals(one, generate("--temperature", "1", "--seed", "5"));
    assertFalse(
        one.get("token_ids")
            .equals(generate("--temperature", "1", "--seed", "6").get("token_ids")));
  }

  @Test
  void endsBeforeAStopStringAndTellsHowLikelyItsTokensWere() throws Exception {
    String text = generate("--temperature", "0").get("text").stringValue();
    String stop = text.substring(30, 34);

    JsonNode cut = generate("--temperature", "0", "--stop", stop, "--top-logprobs", "2");

    assertEquals(text.substring(0, text.indexOf(stop)), cut.get("text").stringValue());
    assertEquals("stop", cut.get("finish_reason").stringValue());
    assertEquals(cut.get("token_ids").size(), cut.get("logprobs").size());
    for (int i = 0; i < cut.get("token_ids").size(); i++) {
      JsonNode token = cut.get("logprobs").get(i);
      JsonNode likeliest = token.get("top_logprobs").get(0);
      assertEquals(cut.get("token_ids").get(i), token.get("token_id"));
      assertEquals(likeliest.get("token_id"), token.get("token_id"));
      assertEquals(likeliest.get("logprob"), token.get("logprob"));
      assertEquals(2, token.get("top_logprobs").size());
    }
  }

  @Test
  void biasAndPenaltiesChangeTheText() throws Exception {
    JsonNode plain = generate("--temperature", "0");
    String first = plain.get("token_ids").get(0).toString();

    JsonNode biased = generate("--temperature", "0", "--logit-bias", first + "=-100");
    JsonNode once = generate("--temperature", "0", "--frequency-penalty", "2");

    assertFalse(biased.get("token_ids").toString().contains("[" + first + ","));
    assertFalse(once.get("token_ids").equals(plain.get("token_ids")));
  }

  @Test
  void demoPrintsWhatGeneratePrints() throws Exception {
    Launcher.Outcome demo =
        Launcher.run(
            "demo", "--json", "--prompt", PROMPT, "--temperature", "0", "--max-tokens", "40");
    assertEquals(0, demo.exitCode(), demo.err());
    JsonNode object = new JsonMapper().readTree(demo.out());
    assertEquals(generate("--temperature", "0").get("text"), object.get("text"));
    assertEquals(40, object.get("tokens").intValue());
    assertEquals("length", object.get("finish_reason").stringValue());
    assertTrue(object.get("ttft_ms").doubleValue() > 0);
    assertTrue(object.get("tokens_per_second").doubleValue() > 0);
    assertTrue(
        object.get("density").doubleValue() > 0 && object.get("density").doubleValue() < 0.5);
  }

  private static JsonNode generate(String... options) throws Exception {
    var arguments =
        new ArrayList<>(List.of("generate", "--json", "--prompt", PROMPT, "--max-tokens", "40"));
    arguments.addAll(List.of(options));
    Launcher.Outcome outcome = Launcher.run(arguments.toArray(String[]::new));
    assertEquals(0, outcome.exitCode(), outcome.err());
    return new JsonMapper().readTree(outcome.out());
  }
}
