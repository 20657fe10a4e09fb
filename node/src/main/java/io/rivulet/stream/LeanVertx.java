package io.rivulet.stream;

import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;

/** A Vert.x of few threads and no files: computing takes the processors, Kafka has its own. */
public final class LeanVertx {

  private LeanVertx() {}

  /** To make one with; anew each time, since they can be changed. */
  public static VertxOptions options() {
    return new VertxOptions()
        .setEventLoopPoolSize(1)
        .setWorkerPoolSize(2)
        .setInternalBlockingPoolSize(2)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }
}
