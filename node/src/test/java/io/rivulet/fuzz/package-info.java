/**
 * Fuzz targets: each takes any bytes and lets through nothing but what a bad file may cause. In
 * every build they run over the inputs in {@code src/test/resources/fuzz}; the README there says
 * how to fuzz.
 */
package io.rivulet.fuzz;
