package dev.rowmill.operations;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rowmill.testing.AllTypesTable;
import dev.rowmill.testing.Rig;
import dev.rowmill.testing.RowmillApi;
import dev.rowmill.testing.S3Server;
import dev.rowmill.testing.ServiceProcess;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import dev.rowmill.testing.WorkTable;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Uses what the libraries load by name, which the jar of a release lacks if {@code proguard.pro}
 * does not keep it. Run it on that jar, see {@link ServiceProcess}.
 */
@ExtendWith(SharedServer.class)
class JarIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern TLS = Pattern.compile("(https://[^\\s\"]+)");
  private static final int ROWS = 60;

  @TempDir static Path directory;
  private static Rig rig;
  private static S3Server s3;
  private static SSLContext trusting;
  private static ServiceProcess service;
  private static RowmillApi api;

  @BeforeAll
  static void start(TestServer server) throws Exception {
    s3 = new S3Server(Files.createDirectory(directory.resolve("s3")));
    rig = new Rig(server);
    Map<String, String> config = new HashMap<>(s3.config());
    config.put("rowmill.export.directory", directory.toString());
    config.put("quarkus.http.ssl-port", "0");
    config.putAll(certificate());
    service = rig.start(config);
    api = new RowmillApi(service.address());
  }

  @AfterAll
  static void stop() {
    rig.close();
    s3.close();
  }

  /** Makes a certificate, trusts it, and returns the settings of a service that has it. */
  private static Map<String, String> certificate() throws Exception {
    String name = "rowmill";
    char[] password = "of-the-test".toCharArray();
    Path store = directory.resolve("keys.p12");
    Process keytool =
        new ProcessBuilder(
                (System.getProperty("java.home")
                        + "/bin/keytool -genkeypair -keyalg EC -dname CN=127.0.0.1 -ext SAN=IP:127.0.0.1"
                        + " -alias %s -keystore %s -storepass %s")
                    .formatted(name, store, new String(password))
                    .split(" "))
            .inheritIO()
            .start();
    assertEquals(0, keytool.waitFor());
    KeyStore keys = KeyStore.getInstance(store.toFile(), password);
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(name, keys.getCertificate(name));
    trust.init(trusted);
    trusting = SSLContext.getInstance("TLS");
    trusting.init(null, trust.getTrustManagers(), null);
    return Map.of(
        "quarkus.tls.key-store.pem.0.cert",
        pem("CERTIFICATE", keys.getCertificate(name).getEncoded()),
        "quarkus.tls.key-store.pem.0.key",
        pem("PRIVATE KEY", keys.getKey(name, password).getEncoded()));
  }

  /** Writes a PEM file, and returns its path. */
  private static String pem(String label, byte[] content) throws Exception {
    Path file = directory.resolve(label.replace(' ', '-') + ".pem");
    Files.writeString(
        file,
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(label, Base64.getMimeEncoder().encodeToString(content)));
    return file.toString();
  }

  private static JsonNode exported(AllTypesTable table, String format, Map<String, String> to) {
    long id =
        api.accepted(
            "/projects/jar/exports",
            JSON.valueToTree(
                Map.of(
                    "select",
                    "SELECT %s FROM %s".formatted(String.join(", ", table.columns()), table.name()),
                    "format",
                    format,
                    "to",
                    to)));
    JsonNode batch = api.ended(id);
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
    return api.get("/batches/" + id + "/manifest").statusCode(200).body();
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "ndjson", "parquet"})
  void values_of_all_types_are_exported_and_read_back(String format) throws Exception {
    AllTypesTable table = rig.table(AllTypesTable.Key.BIGINT, ROWS);
    JsonNode manifest = exported(table, format, Map.of("directory", format));
    Path part =
        directory
            .resolve(manifest.get("place").asText())
            .resolve(manifest.at("/parts/0/name").asText());
    api.header("Content-Type", "application/octet-stream")
        .body(Files.readAllBytes(part))
        .post("/uploads?project=jar&table=" + table.name() + "&format=" + format)
        .statusCode(201)
        .body("rows", equalTo(ROWS));
    assertEquals(
        ROWS,
        exported(table, format, Map.of("bucket", S3Server.BUCKET, "prefix", format))
            .get("rows")
            .asInt());
  }

  @Test
  void rows_of_an_upload_are_applied() throws Exception {
    WorkTable table = rig.table(3);
    String upload =
        api.header("Content-Type", "text/csv")
            .body("id,n\n1,7\n2,7\n")
            .post("/uploads?project=jar&table=" + table.name())
            .statusCode(201)
            .path("id");
    Map<String, Object> start =
        Map.of(
            "upload", upload,
            "table", table.name(),
            "match", List.of("id"),
            "do", "update",
            "set", Map.of("n", "n"));
    JsonNode batch = api.ended(api.accepted("/projects/jar/batches", JSON.valueToTree(start)));
    assertEquals("succeeded", batch.path("status").asText(), batch::toString);
    assertEquals(2, table.rowsWith(7));
  }

  @Test
  void pages_and_documents_are_served() {
    api.get("/q/openapi").statusCode(200).body(startsWith("---\nopenapi:"));
    api.get("/q/openapi?format=json").statusCode(200).body("info.title", equalTo("Rowmill"));
    api.get("/q/swagger-ui/").statusCode(200).body(containsString("swagger-ui-bundle.js"));
    for (String file :
        List.of("swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-ui.css")) {
      assertTrue(api.get("/q/swagger-ui/" + file).statusCode(200).text().length() > 20_000, file);
    }
    for (String metric : List.of("jvm_memory_used_bytes", "agroal_active_count", "rowmill_")) {
      assertTrue(api.metrics().contains(metric), metric);
    }
    api.get("/q/health").statusCode(200).body("status", equalTo("UP"));
    assertEquals(200, api.request().send("GET", "/").status());
    api.header("Accept-Language", "zh")
        .json("{}")
        .post("/projects/jar/batches")
        .statusCode(400)
        .body("title", containsString("请求"));
  }

  @Test
  void tls_is_offered_with_http_2() throws Exception {
    Matcher address = TLS.matcher(service.output());
    assertTrue(address.find(), service.output());
    HttpResponse<String> response =
        HttpClient.newBuilder()
            .sslContext(trusting)
            .build()
            .send(
                HttpRequest.newBuilder(URI.create(address.group(1)).resolve("/q/health/live"))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertEquals(200, response.statusCode());
    assertEquals(HttpClient.Version.HTTP_2, response.version());
  }
}
