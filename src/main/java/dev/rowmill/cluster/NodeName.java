package dev.rowmill.cluster;

final class NodeName {
  private NodeName() {}

  static String unique(dev.rowmill.dispatch.DispatchConfig config) {
    return config.node().orElse("node")
        + "#"
        + Long.toHexString(new java.security.SecureRandom().nextLong());
  }
}
