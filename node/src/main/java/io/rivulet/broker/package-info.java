/**
 * A single-node Kafka inside this process, for trying things out. Depends on no other package of
 * the project; its libraries are on the class path of the demo and broker commands alone.
 */
package io.rivulet.broker;
