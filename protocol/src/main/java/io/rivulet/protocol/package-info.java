/**
 * What travels between a node and its clients: messages, their JSON, headers, topics, and a client.
 * Depends on no other package of the project.
 */
package io.rivulet.protocol;
