/**
 * A node's metrics, by Micrometer: for Prometheus to scrape, and by OTLP where asked. May depend on
 * {@code io.rivulet.engine} and {@code io.rivulet.otlp}.
 */
package io.rivulet.metrics;
