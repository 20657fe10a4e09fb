package io.rivulet.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Reads server-sent events one by one. */
final class EventReader implements AutoCloseable {

  /** What came; the id is empty where there is none. */
  record Event(String type, String id, String data) {}

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final BufferedReader lines;

  private EventReader(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      throw new IllegalStateException(
          response.statusCode() + " " + new String(response.body().readAllBytes(), UTF_8));
    }
    lines = new BufferedReader(new InputStreamReader(response.body(), UTF_8));
  }

  static EventReader get(URI server, String path, String lastEventId) throws Exception {
    var request = HttpRequest.newBuilder(server.resolve(path));
    return new EventReader(
        lastEventId.isEmpty() ? request : request.header("Last-Event-ID", lastEventId));
  }

  static EventReader post(URI server, String path, String json) throws Exception {
    return new EventReader(
        HttpRequest.newBuilder(server.resolve(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json)));
  }

  Event next() throws IOException {
    String type = "message";
    String id = "";
    var data = new StringBuilder();
    while (true) {
      String line = lines.readLine();
      if (line == null) {
        throw new IOException("the stream has ended");
      }
      if (line.isEmpty() && !data.isEmpty()) {
        return new Event(type, id, data.toString());
      }
      if (line.startsWith("event: ")) {
        type = line.substring(7);
      } else if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("data: ")) {
        data.append(line.substring(6));
      }
    }
  }

  Event nextOf(String type) throws IOException {
    while (true) {
      Event event = next();
      if (event.type().equals(type)) {
        return event;
      }
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
    client.shutdownNow();
    client.close();
  }
}
