package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A Kafka that lets in who has a password over TLS (SASL_SSL, by SCRAM or an unsecured token) or a
 * certificate (SSL), and to each only what it was granted.
 */
public final class SecureBroker implements AutoCloseable {

  public static final String PASSWORD = "pass-W0rd+of.alice";
  private static final String STORE_PASSWORD = "store-secret";
  private static final int ITERATIONS = 4096;
  private static final String UNSECURED =
      "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";

  private final Path folder;
  private final int saslPort = freePort();
  private final int tlsPort = freePort();
  private final EmbeddedBroker broker;
  private final Admin admin;

  private SecureBroker(Path folder) throws Exception {
    this.folder = folder;
    keyPair("broker", "CN=broker");
    keyPair("carol", "CN=carol");
    int plainPort = freePort();
    broker = EmbeddedBroker.start(new EmbeddedBroker.Options(plainPort, properties(plainPort)));
    admin = KafkaConnection.to(broker.bootstrapServers()).admin();
  }

  /** Starts it; its keys come into the folder. */
  public static SecureBroker start(Path folder) throws Exception {
    return new SecureBroker(folder);
  }

  private Map<String, String> properties(int plainPort) {
    int controllerPort = freePort();
    var properties = new HashMap<String, String>();
    properties.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
    properties.put(
        "listener.security.protocol.map",
        "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL");
    String outward =
        "PLAINTEXT://127.0.0.1:%d,SASL_SSL://127.0.0.1:%d,SSL://127.0.0.1:%d"
            .formatted(plainPort, saslPort, tlsPort);
    properties.put("listeners", outward + ",CONTROLLER://127.0.0.1:" + controllerPort);
    properties.put("advertised.listeners", outward);
    properties.put("inter.broker.listener.name", "PLAINTEXT");
    properties.put("sasl.enabled.mechanisms", "SCRAM-SHA-512,OAUTHBEARER");
    String login = "listener.name.sasl_ssl.%s.sasl.jaas.config";
    properties.put(
        login.formatted("scram-sha-512"),
        "org.apache.kafka.common.security.scram.ScramLoginModule required;");
    properties.put(login.formatted("oauthbearer"), UNSECURED + " required;");
    properties.put("ssl.keystore.location", store("broker"));
    properties.put("ssl.keystore.type", "PKCS12");
    properties.put("ssl.keystore.password", STORE_PASSWORD);
    properties.put("ssl.key.password", STORE_PASSWORD);
    properties.put("ssl.truststore.location", certificate("carol"));
    properties.put("ssl.truststore.type", "PEM");
    properties.put("listener.name.ssl.ssl.client.auth", "required");
    properties.put(
        "authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
    // The broker itself, and the tests' own administration, on the port that the users do not know.
    properties.put("super.users", "User:ANONYMOUS");
    return properties;
  }

  private void keyPair(String name, String distinguishedName) throws Exception {
    keytool(
        "-genkeypair",
        "-alias",
        name,
        "-dname",
        distinguishedName,
        "-ext",
        "san=ip:127.0.0.1",
        "-keyalg",
        "EC",
        "-keystore",
        store(name),
        "-storepass",
        STORE_PASSWORD);
    keytool(
        "-exportcert",
        "-rfc",
        "-alias",
        name,
        "-keystore",
        store(name),
        "-storepass",
        STORE_PASSWORD,
        "-file",
        certificate(name));
  }

  private String store(String name) {
    return folder.resolve(name + ".p12").toString();
  }

  private String certificate(String name) {
    return folder.resolve(name + ".pem").toString();
  }

  private static void keytool(String... arguments) throws Exception {
    var command =
        Stream.concat(
                Stream.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()),
                Stream.of(arguments))
            .toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(output);
    }
  }

  /** Where one with a password or a token connects. */
  public String saslServers() {
    return "127.0.0.1:" + saslPort;
  }

  /** Where one with a certificate connects. */
  public String tlsServers() {
    return "127.0.0.1:" + tlsPort;
  }

  /** The properties of a user who logs in with this password. */
  public Map<String, String> withPassword(String user, String password) {
    return trusting(
        Map.of(
            "security.protocol",
            "SASL_SSL",
            "sasl.mechanism",
            "SCRAM-SHA-512",
            "sasl.jaas.config",
            "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                .formatted(user, password)));
  }

  /** The properties of a user who logs in with a bearer token. */
  public Map<String, String> withToken(String user) {
    return trusting(
        Map.of(
            "security.protocol",
            "SASL_SSL",
            "sasl.mechanism",
            "OAUTHBEARER",
            "sasl.jaas.config",
            UNSECURED + " required unsecuredLoginStringClaim_sub=\"" + user + "\";"));
  }

  /** The properties of carol, who has a certificate. */
  public Map<String, String> withCertificate() {
    return trusting(
        Map.of(
            "security.protocol",
            "SSL",
            "ssl.keystore.location",
            store("carol"),
            "ssl.keystore.password",
            STORE_PASSWORD));
  }

  private Map<String, String> trusting(Map<String, String> login) {
    var properties = new HashMap<>(login);
    properties.put("ssl.truststore.location", certificate("broker"));
    properties.put("ssl.truststore.type", "PEM");
    return properties;
  }

  /** Lets a user log in with {@link #PASSWORD}. */
  public void addUser(String user) throws Exception {
    var scram = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS);
    admin
        .alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(user, scram, PASSWORD)))
        .all()
        .get(30, TimeUnit.SECONDS);
  }

  /** Creates the topics. */
  public void createTopics(Topics topics) throws Exception {
    var names =
        List.of(
            topics.prompts(),
            topics.tokens(),
            topics.telemetry(),
            topics.control(),
            topics.deadLetters());
    admin
        .createTopics(names.stream().map(name -> new NewTopic(name, 1, (short) 1)).toList())
        .all()
        .get(30, TimeUnit.SECONDS);
  }

  /** Grants a principal an operation on what is named so. */
  public void grant(String principal, ResourceType type, String name, AclOperation operation)
      throws Exception {
    var entry = new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW);
    var resource = new ResourcePattern(type, name, PatternType.LITERAL);
    admin.createAcls(List.of(new AclBinding(resource, entry))).all().get(30, TimeUnit.SECONDS);
  }

  /** Grants what the README says a client needs. */
  public void grantClient(String principal, Topics topics) throws Exception {
    grant(principal, ResourceType.TOPIC, topics.prompts(), AclOperation.WRITE);
    grant(principal, ResourceType.TOPIC, topics.control(), AclOperation.WRITE);
    grant(principal, ResourceType.TOPIC, topics.tokens(), AclOperation.READ);
  }

  /** Grants what the README says a node needs, whichever its intake. */
  public void grantNode(String principal, Topics topics) throws Exception {
    grant(principal, ResourceType.TOPIC, topics.prompts(), AclOperation.READ);
    grant(principal, ResourceType.TOPIC, topics.tokens(), AclOperation.READ);
    grant(principal, ResourceType.TOPIC, topics.tokens(), AclOperation.WRITE);
    grant(principal, ResourceType.TOPIC, topics.telemetry(), AclOperation.WRITE);
    grant(principal, ResourceType.TOPIC, topics.control(), AclOperation.READ);
    grant(principal, ResourceType.TOPIC, topics.deadLetters(), AclOperation.WRITE);
    grant(principal, ResourceType.GROUP, "*", AclOperation.READ);
    grant(principal, ResourceType.GROUP, "*", AclOperation.DESCRIBE_CONFIGS);
    grant(principal, ResourceType.GROUP, "*", AclOperation.ALTER_CONFIGS);
    grant(principal, ResourceType.TRANSACTIONAL_ID, "*", AclOperation.WRITE);
  }

  /** One that nobody listens on now. */
  static int freePort() {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    admin.close();
    broker.close();
  }
}
