package io.rivulet.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Where to listen.
 *
 * @param host a name or address of this machine
 * @param port 0 for a free one
 */
public record ListenAddress(String host, int port) {

  /** Reachable from this machine alone. */
  public static final String LOOPBACK = "127.0.0.1";

  public ListenAddress {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("the HTTP port must be from 0 to 65535, was " + port);
    }
    if (host.isBlank()) {
      throw new IllegalArgumentException(
          "the HTTP host is empty: give a name or an address of this machine");
    }
  }

  /**
   * Whether only this machine can reach it.
   *
   * @throws IllegalArgumentException when nobody knows the host
   */
  boolean isLoopback() {
    try {
      return Arrays.stream(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(
          "the HTTP host '" + host + "' is not known: give a name or an address of this machine",
          e);
    }
  }

  /** As part of a URL or of a message. */
  String shown() {
    return shown(port);
  }

  String shown(int actualPort) {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + actualPort;
  }
}
