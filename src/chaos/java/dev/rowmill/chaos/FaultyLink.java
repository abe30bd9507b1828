package dev.rowmill.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Forwards data between one node and the database's server, and simulates faults on request.
 * Thread-safe.
 */
public final class FaultyLink implements AutoCloseable {

  private static final int COM_QUERY = 3;
  private static final byte[] COMMIT = "commit".getBytes(StandardCharsets.US_ASCII);

  /**
   * Counts the bytes before the statement: three of the length, the packet's number, and the
   * command.
   */
  private static final int HEADER = 5;

  private final InetAddress source;
  private final int serverPort;
  private final ServerSocket entry;
  private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
  private final AtomicInteger answersToLose = new AtomicInteger();
  private final AtomicInteger answersLost = new AtomicInteger();
  private final Object passage = new Object();
  private boolean cut;
  private volatile Duration delay = Duration.ZERO;

  /**
   * @param source the address that the server sees
   * @param serverPort on 127.0.0.1
   */
  public FaultyLink(InetAddress source, int serverPort) throws IOException {
    this.source = source;
    this.serverPort = serverPort;
    entry = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    run("accept", this::accept);
  }

  /** Returns the port to which the node connects. */
  public int port() {
    return entry.getLocalPort();
  }

  /** Returns the address that the server sees. */
  String source() {
    return source.getHostAddress();
  }

  /** Returns the number of open connections. */
  int open() {
    return pairs.size();
  }

  /** Silently drops all data from now on. */
  void cut() {
    synchronized (passage) {
      cut = true;
    }
  }

  /** Resets all connections that a cut has blocked, and accepts new ones. */
  void mend() {
    reset();
    synchronized (passage) {
      cut = false;
      passage.notifyAll();
    }
  }

  /** Delays each piece of data from now on, in each direction. */
  void slow(Duration delay) {
    this.delay = delay;
  }

  /** Resets all connections. */
  void reset() {
    pairs.forEach(Pair::reset);
  }

  /** Forwards a number of the next commits, but resets their connections before the responses. */
  public void loseAnswers(int commits) {
    answersToLose.set(commits);
  }

  /** Returns the number of lost responses to commits so far. */
  public int answersLost() {
    return answersLost.get();
  }

  @Override
  public void close() throws IOException {
    entry.close();
    mend();
  }

  private void accept() throws IOException {
    while (true) {
      Socket node = entry.accept();
      var pair = new Pair(node);
      pairs.add(pair);
      run("connect", pair::connect);
    }
  }

  private void awaitPassage() throws InterruptedException {
    synchronized (passage) {
      while (cut) {
        passage.wait();
      }
    }
  }

  /** Represents a connection of the node and the corresponding one to the server. */
  private final class Pair {

    private final Socket node;
    private final Socket server = new Socket();
    private volatile boolean answerIsLost;

    Pair(Socket node) {
      this.node = node;
    }

    void connect() throws IOException, InterruptedException {
      try {
        awaitPassage();
        node.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        // The link's own address also prevents a connection to a stopped server from using the
        // server's port, and so connecting to itself.
        server.bind(new InetSocketAddress(source, 0));
        server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort));
        run("answers", () -> pass(server, node, false));
        pass(node, server, true);
      } finally {
        reset();
      }
    }

    private void pass(Socket from, Socket to, boolean toServer)
        throws IOException, InterruptedException {
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        byte[] bytes = new byte[16_384];
        for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
          awaitPassage();
          if (!delay.isZero()) {
            Thread.sleep(delay.toMillis());
          }
          if (toServer && isCommit(bytes, length) && takeAnswerToLose()) {
            answerIsLost = true;
          } else if (!toServer && answerIsLost) {
            answersLost.incrementAndGet();
            return;
          }
          out.write(bytes, 0, length);
        }
      } finally {
        reset();
      }
    }

    void reset() {
      pairs.remove(this);
      close(node);
      close(server);
    }

    private void close(Socket socket) {
      try {
        socket.setSoLinger(true, 0);
      } catch (IOException e) {
        // Already closed.
      }
      try {
        socket.close();
      } catch (IOException e) {
        // Closed anyway.
      }
    }
  }

  private boolean takeAnswerToLose() {
    return answersToLose.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  /** Detects a commit: for plain and prepared statements alike, the driver sends this text. */
  private static boolean isCommit(byte[] bytes, int length) {
    if (length != HEADER + COMMIT.length || bytes[HEADER - 1] != COM_QUERY) {
      return false;
    }
    byte[] text = Arrays.copyOfRange(bytes, HEADER, length);
    for (int i = 0; i < text.length; i++) {
      text[i] |= 0x20;
    }
    return Arrays.equals(text, COMMIT);
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static void run(String name, Work work) {
    var thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException | InterruptedException e) {
                // The connection or the link has ended.
              }
            },
            "link-" + name);
    thread.setDaemon(true);
    thread.start();
  }
}
