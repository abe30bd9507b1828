package dev.rowmill.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.FilePayload;
import dev.rowmill.testing.WorkTable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests changes by a file: from the file to its end on the dashboard, and over a killed process.
 * Also tests what the page of a batch offers for its files and for archived rows.
 */
@ExtendWith(Browsing.class)
class UploadIT {

  private static final int ROWS = 2_000;

  /** Drops a file of some text on an element. */
  private static final String DROP =
      """
      (element, text) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([text], 'items.csv'));
        element.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
      }""";

  private static String csv(int from, int to) {
    return "id,n,old_n\n"
        + IntStream.rangeClosed(from, to)
            .mapToObj(i -> i + ",1," + (i == 7 ? 5 : 0) + "\n")
            .collect(Collectors.joining());
  }

  @Test
  void a_dropped_file_is_mapped_uploaded_planned_and_applied(Site site, Tabs tabs)
      throws Exception {
    WorkTable table = site.rig().table(ROWS);
    Dashboard dashboard = tabs.open(site.address()).startForm();
    dashboard.at("start-project").fill("by-file");
    dashboard.at("file-drop").evaluate(DROP, csv(1, 100) + "9999,1,0\n");
    assertThat(dashboard.at("file-use")).hasCount(3);
    dashboard.at("file-table").fill(table.name());
    // The usual choice: the first column finds rows, and old_n is expected.
    assertThat(dashboard.at("file-use").nth(0)).hasValue("match");
    assertThat(dashboard.at("file-use").nth(2)).hasValue("expect");
    assertThat(dashboard.at("file-column").nth(2)).hasValue("n");
    assertEquals(List.of(), dashboard.graveViolations());
    dashboard.press("file-upload");
    assertThat(dashboard.at("file")).containsText(Pattern.compile("101 lines"));
    dashboard.preview();
    assertThat(dashboard.at("plan")).containsText("Lines that find a row");
    assertThat(dashboard.at("sample").locator("tbody tr").first()).isVisible();
    assertEquals(List.of(), dashboard.graveViolations());
    picture(dashboard, "upload");
    dashboard.press("start-submit");
    long batch = dashboard.shownBatch();
    dashboard.shows("succeeded");
    assertEquals(99, table.rowsWith(1));
    JsonNode ended = site.api().batch(batch);
    assertEquals(1, ended.path("skipped").asInt());
  }

  @Test
  void the_columns_of_a_parquet_file_are_shown_after_its_upload(
      Site site, Tabs tabs, @TempDir Path directory) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    Path file = directory.resolve("items.parquet");
    try (Connection there = DriverManager.getConnection("jdbc:duckdb:");
        Statement duck = there.createStatement()) {
      duck.execute(
          "COPY (SELECT i AS id, 1 AS n, 0 AS old_n, 'x' AS note FROM range(1, 101) AS of(i)) TO '%s' (FORMAT parquet)"
              .formatted(file));
    }
    Dashboard dashboard = tabs.open(site.address()).startForm();
    dashboard.at("start-project").fill("by-parquet");
    dashboard.at("file-choose").setInputFiles(file);
    assertThat(dashboard.at("file-use")).hasCount(0);
    dashboard.at("file-table").fill(table.name());
    dashboard.at("file-pairs").fill("old_n:n");
    assertEquals(List.of(), dashboard.graveViolations());
    dashboard.press("file-upload");
    assertThat(dashboard.at("file")).containsText(Pattern.compile("100 lines"));
    assertThat(dashboard.at("file-use")).hasCount(4);
    assertThat(dashboard.at("file-use").nth(0)).hasValue("match");
    assertThat(dashboard.at("file-use").nth(2)).hasValue("expect");
    assertThat(dashboard.at("file-column").nth(2)).hasValue("n");
    // The table has no such column.
    assertThat(dashboard.at("file-use").nth(3)).hasValue("none");
    assertEquals(List.of(), dashboard.graveViolations());
    dashboard.preview();
    assertThat(dashboard.at("plan")).containsText("Lines that find a row");
    dashboard.press("start-submit");
    dashboard.shownBatch();
    dashboard.shows("succeeded");
    assertEquals(100, table.rowsWith(1));
  }

  @Test
  void bad_lines_are_shown_on_a_phone(Site site, Tabs tabs) throws Exception {
    WorkTable table = site.rig().table(10);
    Dashboard phone = tabs.open(site.address(), Look.PHONE).startForm();
    phone.watch().announce("status of 422");
    phone.at("start-project").fill("by-phone");
    phone
        .at("file-choose")
        .setInputFiles(
            new FilePayload(
                "items.csv", "text/csv", "id,n\n1,x\n".getBytes(StandardCharsets.UTF_8)));
    phone.at("file-table").fill(table.name());
    phone.press("file-upload");
    assertThat(phone.at("file-errors")).containsText("Line 2: column n: \"x\" is no whole number");
    assertEquals(List.of(), phone.stickingOut());
    picture(phone, "upload-phone");
    phone.press("file-remove");
    assertThat(phone.at("file-choose")).isVisible();
    Dashboard chinese = tabs.open(site.address(), Look.CHINESE).startForm();
    assertThat(chinese.at("file-drop")).containsText("或使用文件");
  }

  @Test
  void a_killed_process_applies_each_line_once(Site site) throws Exception {
    WorkTable table = site.rig().table(ROWS);
    JsonNode upload =
        site.api()
            .request()
            .body(csv(1, ROWS).replace("old_n", "note"))
            .post("/uploads?project=killed&table=" + table.name())
            .body();
    ObjectNode start =
        Site.JSON
            .createObjectNode()
            .put("upload", upload.path("id").asText())
            .put("table", table.name())
            .put("do", "update");
    start.putArray("match").add("id");
    start.putObject("chunk").put("rows", Site.CHUNK_ROWS);
    start.putObject("limits").put("rowsPerSecond", 100);
    long batch = site.api().accepted("/projects/killed/batches", start);
    long seen = 0;
    for (int kill = 0; kill < 2; kill++) {
      long past = seen + 50;
      Awaitility.await().until(() -> scanned(site, batch) > past);
      seen = scanned(site, batch);
      site.service().kill();
      site.start(Map.of());
    }
    site.let(batch);
    assertEquals("succeeded", site.api().ended(batch).path("status").asText());
    JsonNode progress = site.api().batch(batch).path("progress");
    assertEquals(ROWS, progress.path("rowsScanned").asInt());
    assertEquals(ROWS, progress.path("rowsChanged").asInt());
    assertEquals(ROWS, table.rowsWith(1));
    long undo = site.api().accepted("/batches/" + batch + "/undo", Site.JSON.createObjectNode());
    assertEquals("succeeded", site.api().ended(undo).path("status").asText());
    assertEquals(ROWS, table.rowsWith(0));
  }

  @Test
  void a_manifest_is_downloaded_and_an_archive_restored(
      Sites sites, Tabs tabs, @TempDir Path directory) throws Exception {
    Site site = sites.start(Map.of("rowmill.export.directory", directory.toString()));
    WorkTable table = site.rig().table(20);
    ObjectNode export =
        Site.JSON
            .createObjectNode()
            .put("select", "SELECT id, n FROM " + table.name())
            .put("format", "csv");
    export.putObject("to").put("directory", "daily");
    long exported = site.api().accepted("/projects/files/exports", export);
    Dashboard dashboard = tabs.open(site.address()).batch(exported);
    dashboard.shows("succeeded");
    Locator link = dashboard.page().getByText("manifest.json");
    Download manifest = dashboard.page().waitForDownload(link::click);
    JsonNode read = Site.JSON.readTree(manifest.path().toFile());
    assertEquals(20, read.get("rows").asInt());
    assertEquals(read, site.api().get("/batches/" + exported + "/manifest").body());
    assertEquals(List.of(), dashboard.graveViolations());
    picture(dashboard, "export");
    Dashboard phone = tabs.open(site.address(), Look.PHONE).batch(exported);
    phone.shows("succeeded");
    assertEquals(List.of(), phone.stickingOut());
    picture(phone, "export-phone");

    ObjectNode body = Site.JSON.createObjectNode().put("undo", false);
    ObjectNode archive =
        body.putObject("archive").put("table", table.name()).put("where", "id > 5");
    archive.put("missingTable", "create").putObject("to").put("table", table.name() + "_old");
    long archived = site.api().accepted("/projects/files/batches", body);
    phone.batch(archived).shows("succeeded");
    assertEquals(5, table.number("SELECT COUNT(*) FROM " + table.name()));
    assertEquals(List.of(), phone.stickingOut());
    picture(phone, "archive-phone");
    dashboard.batch(archived).press("action-restore");
    assertEquals(List.of(), dashboard.graveViolations());
    picture(dashboard, "restore");
    dashboard.press("confirm-cancel");
    assertThat(dashboard.page()).not().hasURL(Pattern.compile("/" + archived + "$"));
    dashboard.shows("succeeded");
    assertEquals(20, table.number("SELECT COUNT(*) FROM " + table.name()));
  }

  private static long scanned(Site site, long batch) {
    return site.api().batch(batch).at("/progress/rowsScanned").asLong();
  }

  private static void picture(Dashboard dashboard, String name) {
    dashboard
        .page()
        .screenshot(
            new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(Path.of("target", "pictures", name + ".png")));
  }
}
