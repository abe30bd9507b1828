package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Page;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.Sequence;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Takes the pictures of the README, of a shop on a busy day. Writes them to {@code
 * target/pictures}, or to the folder that {@code -Dtesting.pictures} specifies.
 */
@ExtendWith(Browsing.class)
class PicturesIT {

  private static final Path FOLDER =
      Path.of(System.getProperty("testing.pictures", "target/pictures"));
  private static final long MOST_BYTES = 300_000;
  private static final int ITEMS = 250_000;
  private static final int ORDERS = 20_000;

  private static final String MARKDOWN =
      """
      UPDATE shop.item
      SET price = ROUND(price * :factor, 2)
      WHERE status = :status AND season <= :season""";

  @Test
  void pictures_are_taken(Sites sites, Tabs tabs) throws Exception {
    Site site = sites.start(Map.of());
    makeShop(site.rig());
    ended(site, "newsletter", "UPDATE shop.orders SET mailed = 1 WHERE id <= 500", "May issue");
    ended(site, "loyalty", "UPDATE shop.orders SET points = points + 5 WHERE id > 900", "Birthday");
    ended(site, "gift-cards", "UPDATE shop.orders SET mailed = 2 WHERE id < 90", "Reminder");
    ended(site, "imports", "UPDATE shop.orders SET points = 70000 WHERE id > 100", "Points, once");

    long outlet =
        start(
            site,
            "outlet",
            MARKDOWN,
            """
            {"parameters": {"factor": 0.85, "status": "active", "season": 2025},
             "lanes": 2, "reason": "Summer sale, second markdown", "chunk": {"targetMillis": 40}}""");
    order(site, "marketplace", "{\"reason\": \"New commission from 1 July\"}", 900);
    long paused = order(site, "wholesale", "{\"reason\": \"Rebate for the second quarter\"}", 700);
    order(site, "invoices", "{\"mode\": \"serial\", \"reason\": \"Close the month of May\"}", 500);
    order(site, "archive", "{\"mode\": \"serial\", \"reason\": \"Orders before 2019\"}", 500);
    order(site, "stock-count", "{\"mode\": \"serial\", \"reason\": \"Count after the move\"}", 500);
    order(
        site, "marketplace", "{\"onBusy\": \"queue\", \"reason\": \"Delist sold out items\"}", 500);
    Awaitility.await("orders of wholesale")
        .until(() -> site.api().batch(paused).path("progress").path("percent").asDouble() > 3);
    site.pause(paused);

    Dashboard batch = tabs.open(site.address()).batch(outlet);
    batch.awaitPlotted("plot-rate", 12);
    change(site, outlet, "{\"limits\": {\"rowsPerSecond\": 100}}");
    Awaitility.await("a throttle that is closed")
        .until(() -> waited(site, outlet, "rows-per-second") > 800);
    change(site, outlet, "{\"limits\": {\"rowsPerSecond\": null}}");
    int points = batch.awaitPlotted("plot-rate", 16);
    batch.awaitPlotted("plot-rate", points + 10);
    batch.shows("running");
    picture(batch, "batch");

    Dashboard overview = tabs.open(site.address()).overview();
    overview.showsProject("outlet", "running");
    overview.showsProject("wholesale", "paused");
    assertThat(overview.at("serial-waiting")).hasCount(2);
    picture(overview, "overview");

    Dashboard form = tabs.open(site.address()).startForm();
    form.at("start-reason").fill("Spring sale, last days");
    form.fill(
        "spring-sale", MARKDOWN, Map.of("factor", "0.9", "status", "active", "season", "2024"));
    form.preview();
    picture(form, "start");

    Dashboard schedule = tabs.open(site.address()).go("#/schedule-form");
    schedule.at("schedule-name").fill("expire-points");
    schedule.at("start-reason").fill("Points expire after two years");
    schedule.fill("loyalty", "UPDATE shop.orders SET points = 0 WHERE ordered < :before", Map.of());
    schedule.choose("start-param-type", "relative");
    schedule.at("relative-amount").fill("2");
    schedule.choose("relative-unit", "Y");
    schedule.choose("times-kind", "week");
    schedule.choose("times-zone", "Europe/Berlin");
    schedule.page().getByText("At the next firing").waitFor();
    assertThat(schedule.at("firing-preview")).hasAttribute("aria-busy", "false");
    picture(schedule, "schedule-form");
    schedule.press("schedule-save");
    assertThat(schedule.at("schedule-edit")).isVisible();
    assertThat(schedule.at("schedule-next").locator("li")).hasCount(5);
    picture(schedule, "schedule");

    long archive = archive(site);
    Dashboard chain = tabs.open(site.address()).go("#/chains/" + archive);
    for (String status : List.of("succeeded", "running", "waiting")) {
      assertThat(chain.page().locator("[data-testid=graph-step][data-status=" + status + "]"))
          .not()
          .hasCount(0);
    }
    chain.awaitNumber(
        """
        () => {
          const percent = document.querySelector('[data-step=copy-items] .step-state strong');
          const now = percent ? parseFloat(percent.textContent) : NaN;
          return now > 20 ? now : null;
        }""",
        null);
    picture(chain, "chain");
  }

  /** Starts a chain whose steps take different times. */
  private static long archive(Site site) throws SQLException {
    site.rig().execute("CREATE TABLE shop.old_orders LIKE shop.orders");
    site.rig().execute("CREATE TABLE shop.old_item LIKE shop.item");
    ObjectNode body = Site.object("{\"name\": \"Archive the seasons before 2023\"}");
    ArrayNode steps = body.putArray("steps");
    String orders = "shop.orders WHERE id <= 2000";
    String items = "shop.item WHERE season < 2023";
    step(
        steps,
        "copy-orders",
        "archive-orders",
        "INSERT INTO shop.old_orders SELECT * FROM " + orders,
        0);
    step(
        steps,
        "copy-items",
        "archive-items",
        "INSERT INTO shop.old_item SELECT * FROM " + items,
        3000);
    step(steps, "delete-orders", "orders", "DELETE FROM " + orders, 150, "copy-orders");
    step(
        steps, "delete-items", "items", "DELETE FROM " + items, 900, "copy-items", "delete-orders");
    step(
        steps,
        "retire-points",
        "loyalty",
        "UPDATE shop.old_orders SET points = 0 WHERE points > 0",
        100,
        "copy-orders");
    step(
        steps,
        "close",
        "archive-items",
        "UPDATE shop.old_item SET status = 'archived' WHERE id > 0",
        900,
        "delete-items",
        "retire-points");
    RowmillApi.Reply reply = site.api().post("/chains", body);
    Assertions.assertEquals(202, reply.status(), reply::toString);
    return reply.body().path("id").asLong();
  }

  private static void step(
      ArrayNode steps,
      String name,
      String project,
      String sql,
      int rowsPerSecond,
      String... needs) {
    ObjectNode step = steps.addObject().put("name", name).put("project", project).put("sql", sql);
    List.of(needs).forEach(step.putArray("needs")::add);
    step.putObject("limits").put("rowsPerSecond", rowsPerSecond);
    step.putObject("chunk").put("rows", 50);
  }

  private static void makeShop(Rig rig) throws SQLException {
    rig.execute("DROP DATABASE IF EXISTS shop");
    rig.execute("CREATE DATABASE shop");
    rig.grant("shop");
    rig.execute(
        """
        CREATE TABLE shop.item (
          id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL,
          price DECIMAL(10, 2) NOT NULL, status VARCHAR(10) NOT NULL, season INT NOT NULL)
        SELECT i + 1 AS id,
          CONCAT(
            ELT(1 + CRC32(CONCAT('a', i)) %% 5, 'Light', 'Classic', 'Sturdy', 'Folding', 'Soft'), ' ',
            ELT(1 + CRC32(CONCAT('b', i)) %% 5, 'lamp', 'chair', 'mug', 'backpack', 'tent')) AS name,
          1 + (CRC32(CONCAT('c', i)) %% 30000) / 100 AS price,
          IF(CRC32(CONCAT('d', i)) %% 10 < 8, 'active', 'retired') AS status,
          2022 + CRC32(CONCAT('e', i)) %% 5 AS season
        FROM (%s) numbers"""
            .formatted(Sequence.sql(0, ITEMS)));
    rig.execute(
        """
        CREATE TABLE shop.orders (
          id BIGINT NOT NULL PRIMARY KEY, points SMALLINT NOT NULL, mailed INT NOT NULL,
          ordered DATE NOT NULL DEFAULT '2026-01-01')
        SELECT i + 1 AS id, 0 AS points, 0 AS mailed FROM (%s) numbers"""
            .formatted(Sequence.sql(0, ORDERS)));
    // Delay each row, as more indexes and a busier disk would.
    rig.execute(
        "CREATE TRIGGER shop.item_history BEFORE UPDATE ON shop.item"
            + " FOR EACH ROW DO SLEEP(0.00005)");
  }

  private static void ended(Site site, String project, String sql, String reason) {
    site.api().ended(start(site, project, sql, "{\"reason\": \"%s\"}".formatted(reason)));
  }

  /** Starts a batch on a table of orders that runs for a while. */
  private static long order(Site site, String project, String more, int rowsPerSecond)
      throws SQLException {
    ObjectNode body = Site.object(more);
    body.putObject("chunk").put("rows", Site.CHUNK_ROWS);
    body.putObject("limits").put("rowsPerSecond", rowsPerSecond);
    String table = "shop.orders_" + project.replace("-", "_");
    site.rig().execute("CREATE TABLE IF NOT EXISTS %s LIKE shop.orders".formatted(table));
    site.rig().execute("INSERT IGNORE INTO %s SELECT * FROM shop.orders".formatted(table));
    return start(site, project, "UPDATE " + table + " SET points = points + 1", body.toString());
  }

  private static long start(Site site, String project, String sql, String more) {
    return site.api()
        .accepted("/projects/" + project + "/batches", Site.object(more).put("sql", sql));
  }

  private static void change(Site site, long batch, String change) {
    RowmillApi.Reply reply = site.api().patch("/batches/" + batch, Site.object(change));
    Assertions.assertEquals(200, reply.status(), reply::toString);
  }

  private static long waited(Site site, long batch, String reason) {
    for (var wait : site.api().batch(batch).path("waits")) {
      if (wait.path("reason").asText().equals(reason)) {
        return wait.path("millis").asLong();
      }
    }
    return 0;
  }

  private static void picture(Dashboard dashboard, String name) throws IOException {
    Files.createDirectories(FOLDER);
    Path file = FOLDER.resolve(name + ".png");
    byte[] quick = dashboard.page().screenshot(new Page.ScreenshotOptions().setFullPage(true));
    Files.write(file, small(quick));
    long bytes = Files.size(file);
    System.out.printf("PicturesIT: %s, %,d bytes%n", file, bytes);
    assertTrue(bytes < MOST_BYTES, file + " has " + bytes + " bytes");
  }

  /** Returns the same picture with the best compression, which the browser does not use. */
  private static byte[] small(byte[] png) throws IOException {
    var bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      param.setCompressionQuality(0);
      writer.setOutput(out);
      writer.write(
          null, new IIOImage(ImageIO.read(new ByteArrayInputStream(png)), null, null), param);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
