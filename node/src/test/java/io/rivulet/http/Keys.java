package io.rivulet.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A key and a certificate that it signed itself, made by the JDK's keytool. */
record Keys(Path folder, String name) {

  private static final String PASSWORD = "store-secret";

  static Keys make(Path folder, String name) throws Exception {
    var keys = new Keys(folder, name);
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            name,
            "-dname",
            "CN=" + name,
            "-ext",
            "san=ip:127.0.0.1",
            "-keyalg",
            "EC",
            "-keystore",
            keys.store().toString(),
            "-storepass",
            PASSWORD);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(output);
    }
    KeyStore store = keys.load();
    write(keys.certificate(), "CERTIFICATE", store.getCertificate(name).getEncoded());
    write(keys.key(), "PRIVATE KEY", store.getKey(name, PASSWORD.toCharArray()).getEncoded());
    return keys;
  }

  Path certificate() {
    return folder.resolve(name + ".crt.pem");
  }

  Path key() {
    return folder.resolve(name + ".key.pem");
  }

  private Path store() {
    return folder.resolve(name + ".p12");
  }

  private KeyStore load() throws GeneralSecurityException, IOException {
    return KeyStore.getInstance(store().toFile(), PASSWORD.toCharArray());
  }

  private static void write(Path file, String kind, byte[] der) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(
        file, "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
  }

  /** Sockets of somebody who trusts this certificate. */
  SSLContext trusting() throws Exception {
    return context(List.of());
  }

  /** Sockets of somebody who trusts this certificate and shows another. */
  SSLContext trusting(Keys own) throws Exception {
    return context(List.of(own));
  }

  private SSLContext context(List<Keys> own) throws Exception {
    var trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore certificates = KeyStore.getInstance(KeyStore.getDefaultType());
    certificates.load(null, null);
    certificates.setCertificateEntry(name, load().getCertificate(name));
    trusted.init(certificates);
    var shown = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    for (Keys each : own) {
      shown.init(each.load(), PASSWORD.toCharArray());
    }
    var context = SSLContext.getInstance("TLS");
    context.init(own.isEmpty() ? null : shown.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }
}
