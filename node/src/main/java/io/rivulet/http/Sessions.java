package io.rivulet.http;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Who has signed in. Sessions end after {@link #LIFE}, with the process, or when many newer ones
 * have come. For one thread.
 */
final class Sessions {

  static final Duration LIFE = Duration.ofHours(12);
  private static final int MOST = 1024;
  private static final int BYTES = 32;

  private final SecureRandom random = new SecureRandom();

  /** By the digest of a session's name, the oldest first; when each ends. */
  private final Map<String, Long> ends = new LinkedHashMap<>();

  /** Opens one and returns its name, which is the secret of who has it. */
  String open() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    String name = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    if (ends.size() == MOST) {
      ends.remove(ends.keySet().iterator().next());
    }
    ends.put(key(name), System.nanoTime() + LIFE.toNanos());
    return name;
  }

  boolean isOpen(String name) {
    String key = key(name);
    Long end = ends.get(key);
    if (end != null && end - System.nanoTime() < 0) {
      ends.remove(key);
      return false;
    }
    return end != null;
  }

  void close(String name) {
    ends.remove(key(name));
  }

  private static String key(String name) {
    return HexFormat.of().formatHex(AccessToken.sha256(name));
  }
}
