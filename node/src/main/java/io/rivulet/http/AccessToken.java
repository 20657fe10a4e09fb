package io.rivulet.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Pattern;

/** The secret that lets callers in. It is never shown, and compared in constant time. */
public final class AccessToken {

  /** What an HTTP header can carry, without spaces. */
  private static final Pattern ALLOWED = Pattern.compile("[\\x21-\\x7e]{16,512}");

  private final byte[] digest;

  private AccessToken(byte[] digest) {
    this.digest = digest;
  }

  /**
   * Takes a token.
   *
   * @param from where it was read, for the error
   * @throws IllegalArgumentException when it is too short, too long, or has characters that a
   *     header cannot carry; the message does not show it
   */
  public static AccessToken of(String token, String from) {
    if (!ALLOWED.matcher(token).matches()) {
      throw new IllegalArgumentException(
          "the token of "
              + from
              + " must be 16 to 512 visible ASCII characters, was "
              + token.length()
              + (token.length() < 16 || token.length() > 512 ? "" : ", some of them others")
              + ": make one, for example with 'openssl rand -hex 32'");
    }
    return new AccessToken(sha256(token));
  }

  boolean matches(String candidate) {
    return MessageDigest.isEqual(digest, sha256(candidate));
  }

  static byte[] sha256(String text) {
    return sha256(text.getBytes(UTF_8));
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "AccessToken[hidden]";
  }
}
