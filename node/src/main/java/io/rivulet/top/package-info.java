/**
 * A fleet of nodes in a terminal. May depend on {@code io.rivulet.fleet} and {@code
 * io.rivulet.protocol}.
 */
package io.rivulet.top;
