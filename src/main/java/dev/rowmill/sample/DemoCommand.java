package dev.rowmill.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.cli.Api;
import dev.rowmill.cli.Api.Reply;
import dev.rowmill.cli.CommandException;
import dev.rowmill.cli.ProgressBar;
import dev.rowmill.cli.ProgressBar.Reading;
import dev.rowmill.cli.Terminal;
import io.quarkus.agroal.DataSource;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.vertx.http.HttpServer;
import jakarta.enterprise.context.Dependent;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Demonstrates one bulk change in a terminal. Creates the sample shop, starts the change over REST,
 * and shows its progress.
 */
@Dependent
@Unremovable
public final class DemoCommand implements QuarkusApplication {

  private static final String PROJECT = "spring-sale";
  private static final String PATH = "/api/v1/projects/" + PROJECT + "/batches";
  private static final String REQUEST =
      """
      {"sql": "UPDATE shop.item SET price = price * :factor, updated_at = NOW(3) WHERE status = :status",
       "parameters": {"factor": 1.05, "status": "active"},
       "reason": "spring price list"}""";

  private static final Set<String> ENDED = Set.of("succeeded", "failed", "cancelled");
  private static final Duration BETWEEN_POLLS = Duration.ofMillis(200);

  private final SampleShop shop;
  private final DemoToken token;
  private final URI address;
  private final ObjectMapper json;
  private final Clock clock;
  private final long items;
  private final PrintStream out = System.out;
  private final boolean terminal = Terminal.isOutput();

  DemoCommand(
      @DataSource("data") javax.sql.DataSource data,
      HttpServer server,
      ObjectMapper json,
      DemoToken token,
      Clock clock,
      SampleConfig config) {
    this.shop = new SampleShop(data);
    this.address = server.getLocalBaseUri();
    this.json = json;
    this.token = token;
    this.clock = clock;
    this.items = config.items();
  }

  /**
   * Returns 0, or 1 if the change failed. Without {@code --once}, waits for Ctrl-C after a success.
   */
  @Override
  public int run(String... args) throws InterruptedException {
    try (token) {
      if (!demonstrate(new Api(address, token.make(PROJECT)))) {
        return 1;
      }
    } catch (SQLException | IOException | CommandException e) {
      out.println(
          "The demonstration can't continue: " + (e.getMessage() == null ? e : e.getMessage()));
      return 1;
    }
    if (!List.of(args).contains("--once")) {
      out.printf(
          """

          Rowmill keeps running; Ctrl-C stops it.
            dashboard     %1$s
            try its API   %2$s
          """,
          address.resolve("/"), address.resolve("/q/swagger-ui"));
      Quarkus.waitForExit();
    }
    return 0;
  }

  private boolean demonstrate(Api rowmill) throws SQLException, IOException, InterruptedException {
    makeShop();
    print("Some items before:", shop.someItems());

    out.printf("%nPOST %s%n%s%n", address.resolve(PATH), REQUEST);
    JsonNode request = json.readTree(REQUEST);
    Reply started = rowmill.exchange("POST", PATH, request, Map.of());
    String batch = batchOf(started);
    if (batch == null) {
      return false;
    }
    out.printf("=> %d, batch %s%n", started.status(), batch);
    Reply second = rowmill.exchange("POST", PATH, request, Map.of());
    out.printf("%nThe same request again, meanwhile:%n=> %s%n%n", second.problem());

    JsonNode ended = awaitEnd(rowmill, batch);
    boolean succeeded = ended.path("status").asText().equals("succeeded");
    if (!succeeded) {
      out.printf("The batch is %s: %s%n", ended.path("status").asText(), ended.path("error"));
      return false;
    }
    JsonNode progress = ended.path("progress");
    out.printf(
        Locale.ROOT,
        "Succeeded: %,d rows changed of %,d scanned, in %.1f s%n%n",
        progress.path("rowsChanged").asLong(),
        progress.path("rowsScanned").asLong(),
        seconds(ended));
    print("The same items after:", shop.someItems());
    return true;
  }

  private void makeShop() throws SQLException {
    Instant start = clock.instant();
    ProgressBar bar = new ProgressBar(out, terminal);
    out.printf(Locale.ROOT, "%nThe sample: table shop.item with %,d rows%n", items);
    boolean made = shop.create(items, done -> bar.show(new Reading(done, items, null, null)));
    bar.finish();
    out.println(
        made
            ? "Created in "
                + ProgressBar.duration(Duration.between(start, clock.instant()).toSeconds())
            : "It already exists.");
    out.println();
  }

  /**
   * Returns the id of the started batch, or of the active batch that an interrupted demonstration
   * left. Null if there is neither.
   */
  private @Nullable String batchOf(Reply started) {
    if (started.status() == 202) {
      return started.body().path("id").asText();
    }
    if (started.status() == 409 && started.body().has("batch")) {
      out.println("=> " + started.problem());
      return started.body().path("batch").asText();
    }
    out.println("=> " + started.problem());
    return null;
  }

  private JsonNode awaitEnd(Api rowmill, String batch) throws IOException, InterruptedException {
    ProgressBar bar = new ProgressBar(out, terminal);
    while (true) {
      Reply response = rowmill.exchange("GET", "/api/v1/batches/" + batch, null, Map.of());
      if (response.status() != 200) {
        throw new IOException("GET /api/v1/batches/" + batch + " => " + response.problem());
      }
      bar.show(Reading.of(response.body().path("progress")));
      if (ENDED.contains(response.body().path("status").asText())) {
        bar.finish();
        return response.body();
      }
      Thread.sleep(BETWEEN_POLLS.toMillis());
    }
  }

  private static double seconds(JsonNode batch) {
    Instant start = Instant.parse(batch.path("startedAt").asText());
    Instant end = Instant.parse(batch.path("finishedAt").asText());
    return Duration.between(start, end).toMillis() / 1000.0;
  }

  private void print(String title, List<Item> rows) {
    out.println(title);
    for (Item item : rows) {
      out.printf(
          Locale.ROOT,
          "  %6d  %-14s %-24s %-8s %8s%n",
          item.id(),
          item.sku(),
          item.name(),
          item.status(),
          item.price());
    }
  }
}
