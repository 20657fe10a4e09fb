/** The command line. The topmost package: may depend on every other, and none depends on it. */
package io.rivulet.cli;
