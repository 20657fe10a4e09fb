/**
 * The HTTP side of a node: health, metrics, the live page and what it is fed by. May depend on
 * {@code io.rivulet.stream} and {@code io.rivulet.protocol}.
 */
package io.rivulet.http;
