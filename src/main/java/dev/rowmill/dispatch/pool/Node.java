package dev.rowmill.dispatch.pool;

import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Identifies this node. Safe for many threads. */
@Singleton
public class Node {

  private static final int ID_BYTES = 8;

  private final String id;
  private final String name;
  private final String version;

  Node(
      DispatchConfig config, @ConfigProperty(name = "quarkus.application.version") String version) {
    var random = new byte[ID_BYTES];
    new SecureRandom().nextBytes(random);
    this.id = HexFormat.of().formatHex(random);
    this.name = config.node().orElseGet(Node::hostName);
    this.version = version;
  }

  /** Returns an id that only this process has: 16 characters. */
  public String id() {
    return id;
  }

  /** Returns the name that batches store. */
  public String name() {
    return name;
  }

  /** Returns the version of the build. */
  public String version() {
    return version;
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
