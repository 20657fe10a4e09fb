package io.rivulet.http;

import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import java.util.Optional;

/**
 * How the HTTP side works.
 *
 * @param address where it listens
 * @param token what callers must show, as bearers or by signing in; absent: nothing
 * @param tls absent: it speaks plain HTTP
 * @param open whether other machines may use it with neither token nor certificate
 * @param kafka where telemetry and tokens come from and prompts go
 */
public record WebOptions(
    ListenAddress address,
    Optional<AccessToken> token,
    Optional<TlsFiles> tls,
    boolean open,
    KafkaConnection kafka,
    Topics topics) {

  /** For this machine alone, without a token. */
  public static WebOptions onPort(int port, KafkaConnection kafka) {
    return new WebOptions(
        new ListenAddress(ListenAddress.LOOPBACK, port),
        Optional.empty(),
        Optional.empty(),
        false,
        kafka,
        Topics.DEFAULT);
  }

  public WebOptions withAddress(ListenAddress value) {
    return new WebOptions(value, token, tls, open, kafka, topics);
  }

  public WebOptions withToken(AccessToken value) {
    return new WebOptions(address, Optional.of(value), tls, open, kafka, topics);
  }

  public WebOptions withTls(TlsFiles value) {
    return new WebOptions(address, token, Optional.of(value), open, kafka, topics);
  }

  public WebOptions withOpen(boolean value) {
    return new WebOptions(address, token, tls, value, kafka, topics);
  }

  public WebOptions withTopics(Topics value) {
    return new WebOptions(address, token, tls, open, kafka, value);
  }

  boolean wantsCertificates() {
    return tls.flatMap(TlsFiles::clientCa).isPresent();
  }

  /**
   * Refuses to let everybody in unless that is meant.
   *
   * @throws IllegalArgumentException when other machines could reach it and nothing guards it
   */
  void requireGuarded() {
    if (!open && token.isEmpty() && !wantsCertificates() && !address.isLoopback()) {
      throw new IllegalArgumentException(
          "--http-host "
              + address.host()
              + " lets other machines in with nothing to stop them: give --http-token-file FILE or"
              + " --http-tls-client-ca FILE, or --http-open if everybody who reaches it may use"
              + " it");
    }
  }
}
