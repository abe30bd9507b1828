package dev.rowmill.httptask;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.quarkus.runtime.configuration.MemorySize;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {

  private static AllowedHosts allowing(String... hosts) {
    return new AllowedHosts(
        new HttpTaskConfig() {
          @Override
          public Optional<List<String>> hosts() {
            return Optional.of(List.of(hosts));
          }

          @Override
          public Duration giveUpAfter() {
            throw new UnsupportedOperationException();
          }

          @Override
          public MemorySize maxResponse() {
            throw new UnsupportedOperationException();
          }

          @Override
          public Optional<MemorySize> answerMemory() {
            throw new UnsupportedOperationException();
          }

          @Override
          public Optional<MemorySize> rowMemory() {
            throw new UnsupportedOperationException();
          }
        });
  }

  @ParameterizedTest
  @CsvSource({
    "geo.example.com, http://geo.example.com/x, true",
    "geo.example.com, https://GEO.example.com:8443/x, true",
    "geo.example.com, http://a.geo.example.com/x, false",
    "geo.example.com:8080, http://geo.example.com:8080/x, true",
    "geo.example.com:8080, http://geo.example.com/x, false",
    "geo.example.com:443, https://geo.example.com/x, true",
    "*.example.com, http://geo.example.com:8080/x, true",
    "*.example.com, http://example.com/x, false",
    "*.example.com, http://badexample.com/x, false",
    "*.example.com:8080, http://geo.example.com:8080/x, true",
    "*.example.com:8080, http://geo.example.com:8081/x, false",
    "*.example.com:8080, http://geo.example.com/x, false",
    "*.example.com:8080, http://geo.example.com.other:8080/x, false",
    "[2606::1]:8080, http://[2606::1]:8080/x, true",
  })
  void hosts_are_listed_by_name_and_port(String listed, String url, boolean allowed) {
    assertEquals(allowed, allowing(listed).problem(url).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.8",
        "192.168.1.1",
        "198.19.255.255",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::10.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8",
        "2001::1",
        "2002:7f00:1::1",
        "2002:c0a8:101::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1"
      })
  void an_internal_address_is_called_only_if_its_host_is_listed_itself(String address)
      throws UnknownHostException {
    InetAddress[] all = {InetAddress.getByName(address)};
    URI uri = URI.create("http://geo.example.com/");
    AllowedHosts wildcard = allowing("*.example.com");
    assertThrows(SecurityException.class, () -> wildcard.allowed(uri, all));
    assertEquals(all[0], allowing("geo.example.com").allowed(uri, all));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "8.8.8.8",
        "100.128.0.1",
        "172.32.0.1",
        "198.20.0.1",
        "2606:4700::1111",
        "64:ff9b::8.8.8.8",
        "2002:808:808::1"
      })
  void an_address_of_the_internet_is_called(String address) throws UnknownHostException {
    InetAddress[] all = {InetAddress.getByName("10.0.0.1"), InetAddress.getByName(address)};
    URI uri = URI.create("http://geo.example.com/");
    assertEquals(all[1], allowing("*.example.com").allowed(uri, all));
  }
}
