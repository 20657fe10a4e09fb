package io.rivulet.tracing;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.Sampling;

/**
 * What a span says of the request that it is about; none of the prompt's text.
 *
 * @param id the request's
 * @param operation what it asks for, in the conventions' words
 * @param model the name that the node answers to
 * @param place where in Kafka the prompt is
 * @param attempt from 1
 */
public record TracedRequest(
    String id,
    String operation,
    GenerationRequest request,
    String model,
    Place place,
    int attempt) {

  /** A record of Kafka. */
  public record Place(String topic, int partition, long offset) {}

  String spanName() {
    return operation + " " + model;
  }

  Attributes attributes() {
    Sampling sampling = request.sampling();
    AttributesBuilder attributes =
        Attributes.builder()
            .put("gen_ai.operation.name", operation)
            .put("gen_ai.provider.name", "rivulet")
            .put("gen_ai.request.model", request.model().orElse(model))
            .put("gen_ai.response.model", model)
            .put("gen_ai.response.id", id)
            .put("gen_ai.request.temperature", sampling.temperature())
            .put("gen_ai.request.top_p", sampling.topP())
            .put("gen_ai.request.frequency_penalty", sampling.frequencyPenalty())
            .put("gen_ai.request.presence_penalty", sampling.presencePenalty())
            .put("messaging.system", "kafka")
            .put("messaging.destination.name", place.topic())
            .put("messaging.destination.partition.id", Integer.toString(place.partition()))
            .put("messaging.kafka.offset", place.offset())
            .put("rivulet.attempt", attempt);
    request.maxTokens().ifPresent(most -> attributes.put("gen_ai.request.max_tokens", most));
    sampling.seed().ifPresent(seed -> attributes.put("gen_ai.request.seed", seed));
    if (sampling.topK() > 0) {
      attributes.put("gen_ai.request.top_k", (double) sampling.topK());
    }
    return attributes.build();
  }
}
