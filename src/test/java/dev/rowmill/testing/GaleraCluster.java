package dev.rowmill.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/**
 * Runs a Galera cluster of three MariaDB servers, which are installed on the system, on the
 * loopback address.
 *
 * <p>The nodes start like those of a cluster that was shut down as a whole. Each has the same state
 * and the same last view on its disk. So no node needs a state transfer, or the program for it.
 *
 * <p>Not thread-safe.
 */
public final class GaleraCluster implements AutoCloseable {

  private static final Path DAEMON = Path.of("/usr/sbin/mariadbd");
  private static final List<Path> PROVIDERS =
      List.of(
          Path.of("/usr/lib/galera/libgalera_smm.so"),
          Path.of("/usr/lib64/galera-4/libgalera_smm.so"));
  private static final int NODES = 3;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String STATE =
      """
      # GALERA saved state
      version: 2.1
      uuid:    11111111-2222-3333-4444-555555555555
      seqno:   0
      safe_to_bootstrap: 0
      """;

  private final List<TestServer> servers = new ArrayList<>();

  private GaleraCluster() {}

  /** Returns why a cluster can't run on this system; empty if it can. */
  public static Optional<String> missing() {
    return Files.isExecutable(DAEMON) && provider().isPresent()
        ? Optional.empty()
        : Optional.of("no Galera (Debian: apt-get install mariadb-server galera-4)");
  }

  /** Returns whether a missing Galera is a failure instead of a reason to skip. */
  public static boolean isDemanded() {
    return "true".equals(System.getenv("CI"));
  }

  /** Starts a cluster, and returns when all servers have joined and accept connections. */
  public static GaleraCluster start() {
    var cluster = new GaleraCluster();
    try {
      List<Integer> ports = new ArrayList<>();
      for (int node = 0; node < NODES; node++) {
        ports.add(TestServer.freePort());
      }
      for (int node = 0; node < NODES; node++) {
        cluster.servers.add(server(ports, node));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cluster.servers.forEach(TestServer::launch);
    cluster.servers.forEach(TestServer::awaitConnections);
    Awaitility.await("the cluster")
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .until(() -> cluster.servers.stream().allMatch(GaleraCluster::isWhole));
    return cluster;
  }

  /**
   * Returns a server.
   *
   * @param node number of the node, from 0 to 2
   */
  public TestServer server(int node) {
    return servers.get(node);
  }

  /**
   * Returns a URL with the hosts of all nodes.
   *
   * @param first number of the node that is listed first, from 0 to 2
   */
  public String url(int first, String schema) {
    String hosts =
        IntStream.range(0, NODES)
            .map(i -> servers.get((first + i) % NODES).port())
            .mapToObj(port -> "127.0.0.1:" + port)
            .collect(Collectors.joining(","));
    TestServer one = servers.get(first);
    return one.url(schema).replace("127.0.0.1:" + one.port(), hosts);
  }

  private static TestServer server(List<Integer> ports, int node) throws IOException {
    String own = "127.0.0.1:" + ports.get(node);
    String all = String.join(",", ports.stream().map(port -> "127.0.0.1:" + port).toList());
    TestServer server =
        TestServer.of(
            DAEMON,
            "--default-storage-engine=InnoDB",
            "--binlog-format=ROW",
            "--innodb-autoinc-lock-mode=2",
            "--wsrep-on=ON",
            "--wsrep-provider=" + provider().orElseThrow(),
            "--wsrep-cluster-name=rowmill",
            "--wsrep-cluster-address=gcomm://" + all,
            "--wsrep-node-address=" + own,
            "--wsrep-sst-method=skip",
            "--wsrep-provider-options=base_host=127.0.0.1;base_port="
                + ports.get(node)
                + ";gmcast.listen_addr=tcp://"
                + own
                + ";ist.recv_addr=127.0.0.1:"
                + TestServer.freePort()
                + ";gcache.size=32M");
    Files.writeString(server.data().resolve("grastate.dat"), STATE);
    Files.writeString(server.data().resolve("gvwstate.dat"), view(node));
    return server;
  }

  private static String view(int node) {
    var view = new StringBuilder("my_uuid: " + member(node) + "\n#vwbeg\n");
    view.append("view_id: 3 ").append(member(0)).append(" 3\nbootstrap: 0\n");
    IntStream.range(0, NODES)
        .forEach(each -> view.append("member: ").append(member(each)).append(" 0\n"));
    return view.append("#vwend\n").toString();
  }

  private static String member(int node) {
    return "0000000%1$d-0000-0000-0000-00000000000%1$d".formatted(node + 1);
  }

  private static boolean isWhole(TestServer server) {
    try (Connection connection = server.connect("");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SHOW STATUS LIKE 'wsrep_cluster_size'")) {
      return row.next() && row.getInt(2) == NODES;
    } catch (SQLException e) {
      return false;
    }
  }

  private static Optional<Path> provider() {
    return PROVIDERS.stream().filter(Files::exists).findFirst();
  }

  @Override
  public void close() {
    servers.forEach(TestServer::close);
  }
}
