package io.rivulet.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP proxy between a node and the broker, which can be cut, stalled and slowed down. */
final class Link implements AutoCloseable {

  /** What becomes of bytes. */
  enum State {
    OPEN,
    /** Connections break, new ones too. */
    CUT,
    /** Bytes wait. */
    STALLED,
    /** Bytes wait for {@link #DELAY}, again and again. */
    SLOW
  }

  private static final int DELAY = 60;
  private static final int CHUNK = 4096;

  private final ServerSocket server;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private State state = State.OPEN;

  private Link(ServerSocket server, int target) {
    this.server = server;
    this.target = target;
  }

  /** Listens on a free port and passes on to another of this machine. */
  static Link to(int target) throws IOException {
    var link = new Link(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target);
    Thread.ofVirtual().start(link::accept);
    return link;
  }

  int port() {
    return server.getLocalPort();
  }

  synchronized void set(State now) {
    state = now;
    notifyAll();
    if (now == State.CUT) {
      sockets.forEach(Link::close);
    }
  }

  private synchronized State state() {
    return state;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket near = server.accept();
        Thread.ofVirtual().start(() -> connect(near));
      } catch (IOException e) {
        // Closed, or the caller went away before it was answered.
      }
    }
  }

  private void connect(Socket near) {
    var far = new Socket();
    sockets.add(near);
    sockets.add(far);
    try {
      if (state() == State.CUT) {
        throw new IOException("the link is cut");
      }
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      far.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
      Thread.ofVirtual().start(() -> pass(far, near));
      pass(near, far);
    } catch (IOException e) {
      end(near, far);
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] bytes = new byte[CHUNK];
    try {
      var in = from.getInputStream();
      var out = to.getOutputStream();
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        await();
        out.write(bytes, 0, count);
      }
    } catch (IOException e) {
      // One side is gone, which the other is to see.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end(from, to);
    }
  }

  private void await() throws InterruptedException {
    if (state() == State.SLOW) {
      Thread.sleep(DELAY);
    }
    synchronized (this) {
      while (state == State.STALLED) {
        wait();
      }
    }
  }

  private void end(Socket one, Socket other) {
    close(one);
    close(other);
    sockets.remove(one);
    sockets.remove(other);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    set(State.CUT);
  }
}
