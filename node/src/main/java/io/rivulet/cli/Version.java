package io.rivulet.cli;

import picocli.CommandLine.IVersionProvider;

/** The version that the jar's manifest states. */
final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    String version = Rivulet.class.getPackage().getImplementationVersion();
    return new String[] {
      "rivulet " + (version == null ? "(not packaged)" : version),
      "JDK " + Runtime.version() + ", " + System.getProperty("os.arch")
    };
  }
}
