package dev.rowmill.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs many listeners to events on one thread, which leaves as much CPU time as possible to the
 * service and the database. Some listeners never read.
 */
final class EventCrowd implements AutoCloseable {

  /** Counts how often a name comes in a stream of bytes. */
  private static final class Count {
    private final byte[] name;
    private int matched;
    volatile long times;

    Count(String event) {
      name = ("event:" + event).getBytes(StandardCharsets.US_ASCII);
    }

    void see(byte next) {
      matched = next == name[matched] ? matched + 1 : next == name[0] ? 1 : 0;
      if (matched == name.length) {
        times++;
        matched = 0;
      }
    }
  }

  /** Counts the events of one listener. */
  private static final class Listener {
    final Count snapshots = new Count("snapshot");
    final Count statuses = new Count("status");
    final Count progress = new Count("progress");

    void read(ByteBuffer buffer) {
      while (buffer.hasRemaining()) {
        byte next = buffer.get();
        snapshots.see(next);
        statuses.see(next);
        progress.see(next);
      }
    }
  }

  private static final int LOOK_MILLIS = 20;

  private final Selector selector = Selector.open();
  private final List<SocketChannel> channels = new ArrayList<>();
  private final List<Listener> listeners = new ArrayList<>();
  private final Thread thread = new Thread(this::read, "event-crowd");
  private volatile boolean closing;

  /**
   * @param silent how many of them never read
   */
  EventCrowd(URI service, String path, int size, int silent) throws IOException {
    byte[] request =
        ("GET " + path + " HTTP/1.1\r\nHost: " + service.getHost() + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < size; i++) {
      SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(service.getHost(), service.getPort()));
      channel.write(ByteBuffer.wrap(request));
      channels.add(channel);
      if (i >= silent) {
        Listener listener = new Listener();
        listeners.add(listener);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, listener);
      }
    }
    thread.start();
  }

  private void read() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);
    try {
      while (!closing) {
        selector.select(100);
        for (SelectionKey key : selector.selectedKeys()) {
          buffer.clear();
          if (((SocketChannel) key.channel()).read(buffer) < 0) {
            throw new IOException("the service disconnected a listener");
          }
          ((Listener) key.attachment()).read(buffer.flip());
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until all reading listeners have received their snapshots. */
  void awaitSnapshots() throws InterruptedException {
    while (listeners.stream().anyMatch(listener -> listener.snapshots.times == 0)) {
      Thread.sleep(LOOK_MILLIS);
    }
  }

  /** Waits until all reading listeners have received a number of statuses. */
  void awaitStatuses(int statuses) throws InterruptedException {
    while (listeners.stream().anyMatch(listener -> listener.statuses.times < statuses)) {
      Thread.sleep(LOOK_MILLIS);
    }
  }

  /** Returns the average number of progress events of a reading listener. */
  double progressEach() {
    return listeners.stream().mapToLong(listener -> listener.progress.times).average().orElse(0);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    closing = true;
    selector.wakeup();
    thread.join();
    for (SocketChannel channel : channels) {
      channel.close();
    }
    selector.close();
  }
}
