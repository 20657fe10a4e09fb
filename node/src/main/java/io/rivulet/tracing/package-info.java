/**
 * A span for each generation, by OpenTelemetry, sent by OTLP where asked. May depend on {@code
 * io.rivulet.engine}, {@code io.rivulet.protocol} and {@code io.rivulet.otlp}.
 */
package io.rivulet.tracing;
