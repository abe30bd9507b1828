package dev.rowmill.webhook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookTargetTest {

  @Test
  void an_account_becomes_a_header_and_no_secret_is_shown() {
    WebhookTarget target =
        WebhookTarget.of("https://us%40er:p%3Aw+@hooks.example:8443/s3cr3t?k=s3cr3t@x");
    assertEquals("https://hooks.example:8443/s3cr3t?k=s3cr3t@x", target.uri().toString());
    assertEquals("Basic dXNAZXI6cDp3Kw==", target.authorization());
    assertEquals("https://hooks.example:8443", target.toString());
    assertEquals(32, target.key().length());
    assertNull(WebhookTarget.of("http://a/").authorization());
    assertNotEquals(WebhookTarget.of("http://a/").key(), WebhookTarget.of("http://b/").key());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "s3cr3t", "/s3cr3t", "ftp://s3cr3t/", "http:///s3cr3t", "http://s3cr3t /"})
  void an_invalid_address_is_rejected_without_showing_it(String url) {
    var refused = assertThrows(IllegalArgumentException.class, () -> WebhookTarget.of(url));
    assertFalse(refused.toString().contains("s3cr3t"));
  }

  @Test
  void the_signature_equals_that_of_other_tools() {
    // printf '1764000000.{"a":1}' | openssl dgst -sha256 -hmac 'a secret of some length'
    assertEquals(
        "t=1764000000,v1=d067f9569ba730a8f9cfa4055b924f8cf43e3694af751c69d9d3435e91c1fa70",
        new Signer("a secret of some length")
            .sign(1764000000, "{\"a\":1}".getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void pauses_double_from_a_second_to_an_hour() {
    for (int attempt = 1; attempt < 100; attempt++) {
      Duration pause = WebhookSender.pause(attempt);
      long least = Math.min(3600, 1L << Math.min(attempt - 1, 12));
      assertTrue(pause.toMillis() >= least * 1000, pause::toString);
      assertTrue(pause.toMillis() <= least * 1200, pause::toString);
    }
  }
}
