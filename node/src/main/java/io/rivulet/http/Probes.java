package io.rivulet.http;

import io.rivulet.stream.HealthReport;
import java.util.function.Supplier;

/**
 * What a node says of itself. The suppliers are called by several threads and may take their time.
 *
 * @param live whether the process works, or should be started anew
 * @param ready whether prompts are taken
 * @param metrics in Prometheus's text format
 */
public record Probes(
    Supplier<HealthReport> live, Supplier<HealthReport> ready, Supplier<String> metrics) {}
