package dev.rowmill.dispatch;

import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** This node's name, as batches carry it. */
@Singleton
class Node {

  private final String name;

  Node(DispatchConfig config) {
    this.name = config.node().orElseGet(Node::hostName);
  }

  String name() {
    return name;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
