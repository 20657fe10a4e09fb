/**
 * The way of a prompt: intake, generation, publishing and telemetry as Vert.x verticles around the
 * engine. May depend on {@code io.rivulet.engine}, {@code io.rivulet.model} and {@code
 * io.rivulet.protocol}.
 */
package io.rivulet.stream;
