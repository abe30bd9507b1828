package dev.rowmill.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.rowmill.testing.TokenProfile;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests the first admin token when several nodes start at the same time. */
@QuarkusTest
@TestProfile(TokenProfile.class)
class FirstTokenTest {

  private static final int NODES = 6;
  private static final int ROUNDS = 10;

  private record Config(Path tokenFile) implements AuthConfig {
    @Override
    public Optional<AuthMode> mode() {
      return Optional.of(AuthMode.TOKEN);
    }
  }

  @Inject Tokens tokens;
  @Inject Grants grants;
  @Inject AgroalDataSource database;
  @TempDir Path folder;

  @BeforeEach
  void revoke_all_tokens() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("UPDATE access_token SET revoked_at = UTC_TIMESTAMP(3)");
    }
    grants.forget();
    assertFalse(tokens.hasLiveAdmin());
  }

  @Test
  void one_of_many_nodes_creates_the_token_and_writes_its_file() throws Exception {
    ExecutorService nodes = Executors.newFixedThreadPool(NODES);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        revoke_all_tokens();
        List<Path> files = new ArrayList<>();
        List<Future<?>> starts = new ArrayList<>();
        var together = new CyclicBarrier(NODES);
        for (int node = 0; node < NODES; node++) {
          Path file = folder.resolve("token-" + round + "-" + node);
          files.add(file);
          starts.add(
              nodes.submit(
                  () -> {
                    together.await();
                    new FirstToken(tokens, grants, new Config(file)).makeIfMissing();
                    return true;
                  }));
        }
        for (Future<?> start : starts) {
          start.get();
        }
        List<Path> left = files.stream().filter(Files::exists).toList();
        assertEquals(1, left.size(), left::toString);
        String token = Files.readString(left.get(0)).strip();
        assertTrue(grants.find(Credential.token(token)).isPresent(), "the file's token is good");
        assertEquals(
            1, tokens.list(null, NODES).stream().filter(made -> made.revokedAt() == null).count());
      }
    } finally {
      nodes.shutdownNow();
    }
  }

  @Test
  void no_token_is_created_without_a_file() {
    Path nowhere = folder.resolve("missing/token");
    assertThrows(
        TokenFileException.class,
        () -> new FirstToken(tokens, grants, new Config(nowhere)).makeIfMissing());
    assertFalse(tokens.hasLiveAdmin());
  }
}
