package io.rivulet.protocol;

import static io.rivulet.protocol.FieldCheck.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Asks to end a request, wherever it is: queued, in prefill or decoding. The value of a record in
 * the control topic, keyed by the request's id. It is for requests sent before it alone.
 *
 * @param id the request's, as {@link GenerationRequest#id()}
 */
public record Cancel(String id) {

  public Cancel {
    require(GenerationRequest.isId(id), "id", id, "1 to 200 characters");
  }

  /** As the value of a record in the control topic. */
  public byte[] toJson() {
    return JsonNodeFactory.instance.objectNode().put("id", id).toString().getBytes(UTF_8);
  }

  /**
   * Reads a record's value; unknown fields are ignored.
   *
   * @throws MalformedMessageException naming the field that cannot be read
   */
  public static Cancel fromJson(byte[] json) {
    String id = Fields.parse(json, "the cancel").requiredText("id");
    try {
      return new Cancel(id);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(e.getMessage());
    }
  }
}
