package dev.rowmill.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.sample.ProgressBar.Reading;
import dev.rowmill.sample.RowmillClient.Response;
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
  private final RowmillClient rowmill;
  private final DemoToken token;
  private final URI address;
  private final Clock clock;
  private final long items;
  private final PrintStream out = System.out;
  private final boolean terminal = isTerminal();

  DemoCommand(
      @DataSource("data") javax.sql.DataSource data,
      HttpServer server,
      ObjectMapper json,
      DemoToken token,
      Clock clock,
      SampleConfig config) {
    this.shop = new SampleShop(data);
    this.address = server.getLocalBaseUri();
    this.rowmill = new RowmillClient(address, json);
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
      rowmill.showing(token.make(PROJECT));
      if (!demonstrate()) {
        return 1;
      }
    } catch (SQLException | IOException e) {
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

  private boolean demonstrate() throws SQLException, IOException, InterruptedException {
    makeShop();
    print("Some items before:", shop.someItems());

    out.printf("%nPOST %s%n%s%n", address.resolve(PATH), REQUEST);
    Response started = rowmill.post(PATH, REQUEST);
    String batch = batchOf(started);
    if (batch == null) {
      return false;
    }
    out.printf("=> %d, batch %s%n", started.status(), batch);
    Response second = rowmill.post(PATH, REQUEST);
    out.printf("%nThe same request again, meanwhile:%n=> %s%n%n", problem(second));

    JsonNode ended = awaitEnd(batch);
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
  private @Nullable String batchOf(Response started) {
    if (started.status() == 202) {
      return started.body().path("id").asText();
    }
    if (started.status() == 409 && started.body().has("batch")) {
      out.println("=> " + problem(started));
      return started.body().path("batch").asText();
    }
    out.println("=> " + problem(started));
    return null;
  }

  private JsonNode awaitEnd(String batch) throws IOException, InterruptedException {
    ProgressBar bar = new ProgressBar(out, terminal);
    while (true) {
      Response response = rowmill.get("/api/v1/batches/" + batch);
      if (response.status() != 200) {
        throw new IOException("GET /api/v1/batches/" + batch + " => " + problem(response));
      }
      bar.show(reading(response.body().path("progress")));
      if (ENDED.contains(response.body().path("status").asText())) {
        bar.finish();
        return response.body();
      }
      Thread.sleep(BETWEEN_POLLS.toMillis());
    }
  }

  static Reading reading(JsonNode progress) {
    JsonNode total = progress.path("rowsTotal");
    JsonNode rate = progress.path("rowsPerSecond");
    JsonNode eta = progress.path("etaSeconds");
    return new Reading(
        progress.path("rowsScanned").asLong(),
        total.isNumber() ? total.asLong() : null,
        rate.isNumber() ? rate.asDouble() : null,
        eta.isNumber() ? eta.asLong() : null);
  }

  private static String problem(Response response) {
    JsonNode body = response.body();
    return response.status()
        + " "
        + body.path("title").asText()
        + (body.hasNonNull("detail") ? ": " + body.path("detail").asText() : "");
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

  /**
   * Returns whether the output is a terminal. Java checks input and output only together, and its
   * versions differ.
   */
  private static boolean isTerminal() {
    try {
      ProcessBuilder test = new ProcessBuilder("test", "-t", "1");
      return test.redirectOutput(ProcessBuilder.Redirect.INHERIT).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
