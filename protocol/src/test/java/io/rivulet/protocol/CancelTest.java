package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CancelTest {

  @Test
  void readsAsWritten() {
    var cancel = new Cancel("a");

    assertEquals("{\"id\":\"a\"}", new String(cancel.toJson(), UTF_8));
    assertEquals(cancel, Cancel.fromJson(cancel.toJson()));
    assertEquals(cancel, Cancel.fromJson("{\"why\":[1],\"id\":\"a\"}".getBytes(UTF_8)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 201})
  void anIdIsNeitherEmptyNorTooLong(int length) {
    String id = "x".repeat(length);

    var refusal = assertThrows(IllegalArgumentException.class, () -> new Cancel(id));

    assertEquals("id must be 1 to 200 characters, was " + id, refusal.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{}|id is missing",
        "{\"id\":5}|id must be a string, was 5",
        "[]|the cancel must be a JSON object, was []"
      })
  void namesWhatCannotBeRead(String json, String reason) {
    var refusal =
        assertThrows(MalformedMessageException.class, () -> Cancel.fromJson(json.getBytes(UTF_8)));

    assertEquals(reason, refusal.getMessage());
  }
}
