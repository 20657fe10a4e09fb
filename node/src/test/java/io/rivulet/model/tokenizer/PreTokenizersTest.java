package io.rivulet.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PreTokenizersTest {

  private static final int LONG = 200_000;

  @Test
  void cutsAsGpt2() {
    assertWords(
        PreTokenizers.GPT_2,
        "I",
        "'ve",
        " been",
        " 12345",
        "  ",
        " là",
        "!?",
        "\n",
        "\n",
        "'",
        "S",
        " ");
  }

  @Test
  void cutsAsLlama3() {
    assertWords(
        PreTokenizers.LLAMA_3,
        "I",
        "'VE",
        " been",
        " ",
        "123",
        "45",
        "  ",
        " là",
        "!?\n\n",
        "\tx",
        " \n",
        " ");
  }

  @Test
  void cutsAsQwen2() {
    assertWords(PreTokenizers.QWEN_2, "a", "1", "2", ".\r\n", "(b", ")", "   ", " c");
  }

  @Test
  void cutsWhereUpperCaseEndsInAnyAlphabet() {
    assertWords(PreTokenizers.TEKKEN, "PÉRIODE", " Écoleété", "Été", "/\n", "1", "2");
    assertWords(PreTokenizers.GPT_4O, "Don't", " PÉRIODE's", "Ду", "123", "4");
  }

  @Test
  void groupsDigitsFromTheirEnd() {
    assertWords(PreTokenizers.SUPERBPE, "a b ", "1", "234", "567", " c ", "89");
    assertWords(PreTokenizers.AFMOE, "ab", " ", "1", "234", "漢字", "5");
  }

  @Test
  void cutsEveryDigitOfSomeModels() {
    assertWords(PreTokenizers.STARCODER, "x", " ", "1", "2", " y");
    assertWords(PreTokenizers.FALCON, "x", " ", "123", "45", "...", " y");
  }

  @ParameterizedTest
  @EnumSource
  void longTextsNeedNoDeepStack(PreTokenizers kind) {
    PreTokenizer preTokenizer = kind.create();
    Stream.of(
            "a", "A", "é", "É", "漢", "1", " ", "\n", "'", ".", "\u0301", "aA", "a ", "\ud83d\ude00")
        .map(unit -> unit.repeat(LONG / unit.length()))
        .forEach(
            text -> {
              int[] ends = preTokenizer.ends(text);
              assertEquals(text.length(), ends[ends.length - 1]);
            });
  }

  @ParameterizedTest
  @EnumSource
  void losesNothing(PreTokenizers kind) {
    String text =
        "Ab 12345\r\n\t 'll \u00c9\u0301\u65e5\u672c \ud83d\ude00\ud83d\ude00 <sentinel:1>\u00a0 ";
    int last = 0;
    for (int end : kind.create().ends(text)) {
      assertTrue(end > last);
      last = end;
    }
    assertEquals(text.length(), last);
    assertEquals(0, kind.create().ends("").length);
  }

  private static void assertWords(PreTokenizers kind, String... expected) {
    String text = String.join("", expected);
    var words = new ArrayList<String>();
    int start = 0;
    for (int end : kind.create().ends(text)) {
      words.add(text.substring(start, end));
      start = end;
    }
    assertEquals(List.of(expected), words);
  }
}
