package io.rivulet.http;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Makes the server speak TLS. All files are PEM.
 *
 * @param certificate the server's, followed by those that lead to its root
 * @param key the certificate's private key, PKCS #8 or PKCS #1
 * @param clientCa who signs clients' certificates; where there is one, callers need such a
 *     certificate for everything but {@code /health}
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientCa) {}
