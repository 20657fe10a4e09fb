package io.rivulet.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.SocketFactory;

/** A call over a plain socket, which sends any header there is, and reads all of the answer. */
final class Call {

  private final String method;
  private final String path;
  private final Map<String, String> headers = new LinkedHashMap<>();
  private String body = "";

  /** What came back. */
  record Answer(int status, List<String> head, String body) {

    Optional<String> header(String name) {
      String start = name.toLowerCase(Locale.ROOT) + ": ";
      return head.stream()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
          .map(line -> line.substring(start.length()))
          .findFirst();
    }
  }

  private Call(String method, String path) {
    this.method = method;
    this.path = path;
    headers.put("Connection", "close");
  }

  static Call get(String path) {
    return new Call("GET", path);
  }

  static Call post(String path, String type, String body) {
    var call = new Call("POST", path).with("Content-Type", type);
    call.body = body;
    return call;
  }

  static Call of(String method, String path) {
    return new Call(method, path);
  }

  Call with(String header, String value) {
    headers.put(header, value);
    return this;
  }

  Answer to(URI server) {
    return to(server, SocketFactory.getDefault());
  }

  Answer to(URI server, SocketFactory sockets) {
    try (Socket socket = sockets.createSocket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(20_000);
      headers.putIfAbsent("Host", server.getHost() + ":" + server.getPort());
      headers.put("Content-Length", String.valueOf(body.getBytes(UTF_8).length));
      var request = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
      headers.forEach((name, value) -> request.append(name + ": " + value + "\r\n"));
      socket.getOutputStream().write((request + "\r\n" + body).getBytes(UTF_8));
      socket.getOutputStream().flush();
      return read(new String(socket.getInputStream().readAllBytes(), UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Answer read(String text) {
    int end = text.indexOf("\r\n\r\n");
    var lines = new ArrayList<>(text.substring(0, end).lines().toList());
    int status = Integer.parseInt(lines.removeFirst().split(" ", -1)[1]);
    return new Answer(status, lines, text.substring(end + 4));
  }
}
