package io.rivulet.cli;

import io.rivulet.http.AccessToken;
import io.rivulet.http.ListenAddress;
import io.rivulet.http.Probes;
import io.rivulet.http.TlsFiles;
import io.rivulet.http.WebOptions;
import io.rivulet.http.WebServer;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The live page, health and metrics: where, and who may see them. */
final class HttpOptions {

  static final String TOKEN_VARIABLE = "RIVULET_HTTP_TOKEN";

  @Option(
      names = "--http-port",
      paramLabel = "PORT",
      description =
          "Serve the live page, /health and /metrics there; 0 for a free port. Default: not at"
              + " all.")
  private Optional<Integer> port = Optional.empty();

  @Option(
      names = "--http-host",
      paramLabel = "HOST",
      description =
          "The address to listen on (default: ${DEFAULT-VALUE}, for this machine alone). Others"
              + " need a token, client certificates or --http-open.")
  private String host = ListenAddress.LOOPBACK;

  @Option(
      names = "--http-token-file",
      paramLabel = "FILE",
      description =
          "A file with the token that callers must show, as bearers or by signing in. Default: what"
              + " the environment variable "
              + TOKEN_VARIABLE
              + " says, if it is there.")
  private Optional<Path> tokenFile = Optional.empty();

  @Option(
      names = "--http-tls-cert",
      paramLabel = "FILE",
      description = "Speak TLS with this certificate and those that lead to its root (PEM).")
  private Optional<Path> certificate = Optional.empty();

  @Option(
      names = "--http-tls-key",
      paramLabel = "FILE",
      description = "The certificate's private key (PEM).")
  private Optional<Path> key = Optional.empty();

  @Option(
      names = "--http-tls-client-ca",
      paramLabel = "FILE",
      description =
          "Let in only callers with a certificate of this authority (PEM); /health stays open.")
  private Optional<Path> clientCa = Optional.empty();

  @Option(
      names = "--http-open",
      description = "Let in everybody who reaches the address, also from other machines.")
  private boolean open;

  /**
   * Starts it, if a port was given; whoever opened it closes it.
   *
   * @throws IllegalArgumentException when it would let everybody in and that was not said to be
   *     meant
   */
  Opened<WebServer> start(KafkaConnection kafka, Topics topics, Probes probes) {
    return port.map(
            given ->
                Opened.one(
                    WebServer.start(options(given, kafka, topics), probes), WebServer::close))
        .orElseGet(Opened::none);
  }

  private WebOptions options(int givenPort, KafkaConnection kafka, Topics topics) {
    WebOptions options =
        WebOptions.onPort(givenPort, kafka)
            .withAddress(new ListenAddress(host, givenPort))
            .withTopics(topics)
            .withOpen(open);
    options = token().map(options::withToken).orElse(options);
    return tls().map(options::withTls).orElse(options);
  }

  private Optional<AccessToken> token() {
    return tokenFile
        .map(
            file ->
                AccessToken.of(
                    TextFiles.read(file, "--http-token-file").strip(), "--http-token-file " + file))
        .or(
            () ->
                Optional.ofNullable(System.getenv(TOKEN_VARIABLE))
                    .map(token -> AccessToken.of(token, TOKEN_VARIABLE)));
  }

  private Optional<TlsFiles> tls() {
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException(
          "--http-tls-cert and --http-tls-key go together: give both or neither");
    }
    if (clientCa.isPresent() && certificate.isEmpty()) {
      throw new IllegalArgumentException(
          "--http-tls-client-ca goes with --http-tls-cert and --http-tls-key: give them");
    }
    return certificate.map(file -> new TlsFiles(file, key.orElseThrow(), clientCa));
  }
}
