/**
 * What computes: tensors, quantised formats, vector kernels and their scalar twins, threads. Knows
 * neither files nor Kafka and depends on no other package of the project.
 */
package io.rivulet.kernels;
