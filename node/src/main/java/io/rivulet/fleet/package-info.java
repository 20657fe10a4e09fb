/**
 * What is known of a fleet of nodes by their reports. May depend on {@code io.rivulet.protocol}.
 */
package io.rivulet.fleet;
