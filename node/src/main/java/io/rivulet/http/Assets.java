package io.rivulet.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The page's files, from the jar. Browsers keep them and ask each time whether they are still the
 * same, so that a page never mixes two versions. For one thread.
 */
final class Assets {

  private static final Pattern NAME = Pattern.compile("[a-z-]{1,40}\\.(html|css|js|svg)");
  private static final int TAG_BYTES = 16;

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  private final Map<String, Asset> read = new HashMap<>();

  private record Asset(Buffer bytes, String type, String tag) {}

  /**
   * Answers with a file.
   *
   * @throws CallRefusedException when there is none of that name
   */
  void send(String name, HttpServerRequest call) {
    Asset asset = find(name).orElseThrow(() -> new CallRefusedException(ApiError.NOTHING_THERE));
    var response =
        call.response()
            .putHeader(HttpHeaders.ETAG, asset.tag())
            .putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
    String known = call.getHeader(HttpHeaders.IF_NONE_MATCH);
    if (known != null && known.contains(asset.tag())) {
      var _ = response.setStatusCode(304).end();
    } else {
      var _ = response.putHeader(HttpHeaders.CONTENT_TYPE, asset.type()).end(asset.bytes());
    }
  }

  private Optional<Asset> find(String name) {
    if (!NAME.matcher(name).matches()) {
      return Optional.empty();
    }
    Optional<Asset> known = Optional.ofNullable(read.get(name));
    if (known.isPresent()) {
      return known;
    }
    Optional<Asset> asset = readFromJar(name);
    asset.ifPresent(there -> read.put(name, there));
    return asset;
  }

  private static Optional<Asset> readFromJar(String name) {
    try (var input = Assets.class.getResourceAsStream("page/" + name)) {
      if (input == null) {
        return Optional.empty();
      }
      byte[] bytes = input.readAllBytes();
      byte[] digest = Arrays.copyOf(AccessToken.sha256(bytes), TAG_BYTES);
      String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
      String tag = '"' + HexFormat.of().formatHex(digest) + '"';
      return Optional.of(new Asset(Buffer.buffer(bytes), type, tag));
    } catch (IOException e) {
      throw new UncheckedIOException("page/" + name + " of the jar cannot be read", e);
    }
  }
}
