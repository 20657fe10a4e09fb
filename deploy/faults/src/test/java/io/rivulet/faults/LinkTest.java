package io.rivulet.faults;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LinkTest {

  @Test
  void passesBothWaysHoldsThemBackAndBreaks() throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (var server = new ServerSocket(0, 1, here);
        var link = Link.to(server.getLocalPort());
        var near = new Socket(here, link.port());
        var far = server.accept()) {
      near.getOutputStream().write(new byte[] {1, 2});
      assertArrayEquals(new byte[] {1, 2}, far.getInputStream().readNBytes(2));
      far.getOutputStream().write(3);
      assertEquals(3, near.getInputStream().read());

      link.set(Link.State.STALLED);
      near.getOutputStream().write(4);
      far.setSoTimeout(200);
      assertThrows(SocketTimeoutException.class, () -> far.getInputStream().read());
      link.set(Link.State.OPEN);
      far.setSoTimeout(0);
      assertEquals(4, far.getInputStream().read());

      link.set(Link.State.CUT);
      assertEquals(-1, endOf(near));
    }
  }

  /** A connection that breaks ends or fails, as the system likes. */
  private static int endOf(Socket socket) {
    try {
      return socket.getInputStream().read();
    } catch (IOException e) {
      return -1;
    }
  }
}
