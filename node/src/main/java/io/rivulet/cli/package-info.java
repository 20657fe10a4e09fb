/**
 * The command line. The topmost package: may depend on every other, and none depends on it. Exit
 * codes are 0 for success, 2 for wrong usage or input, 1 for failure; with {@code --json} standard
 * output holds one JSON object and nothing else.
 */
package io.rivulet.cli;
