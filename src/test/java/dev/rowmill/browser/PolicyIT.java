package dev.rowmill.browser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Response;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests the security headers of the pages. */
@ExtendWith(Browsing.class)
class PolicyIT {

  /** Lists the only sources that the policy may permit. */
  private static final Set<String> NOTHING_ELSE = Set.of("'self'", "'none'");

  @Test
  void the_policy_allows_only_the_service(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address());
    Response page = dashboard.page().navigate(site.address() + "/");
    Map<String, Set<String>> policy = policy(page);
    assertEquals(Set.of("'none'"), policy.get("default-src"), policy::toString);
    for (String kept : new String[] {"base-uri", "form-action", "frame-ancestors"}) {
      assertEquals(Set.of("'none'"), policy.get(kept), kept);
    }
    policy.forEach((name, sources) -> assertTrue(NOTHING_ELSE.containsAll(sources), name));
    assertEquals("nosniff", page.headerValue("x-content-type-options"));
    assertTrue(
        Set.of("no-referrer", "same-origin").contains(page.headerValue("referrer-policy")),
        () -> "referrer-policy: " + page.headerValue("referrer-policy"));
  }

  @Test
  void changed_files_are_loaded_again(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address());
    for (String file : new String[] {"/", "/dashboard/icon.svg"}) {
      APIResponse response = dashboard.page().request().get(site.address() + file);
      String control = response.headers().get("cache-control");
      assertTrue(
          control != null && control.matches(".*(no-store|no-cache|max-age=0).*"),
          () -> file + " has cache-control: " + control);
    }
  }

  @Test
  void the_api_can_still_be_tried_in_swagger_ui(Site site, Tabs tabs) {
    Dashboard dashboard = tabs.open(site.address());
    dashboard.page().navigate(site.address() + "/q/swagger-ui/");
    dashboard
        .page()
        .getByText("getPool")
        .or(dashboard.page().getByText("/api/v1/pool"))
        .first()
        .waitFor();
  }

  private static Map<String, Set<String>> policy(Response page) {
    String header = page.headerValue("content-security-policy");
    return Arrays.stream(header.split(";"))
        .map(it -> it.strip().split("\\s+"))
        .collect(
            Collectors.toMap(
                words -> words[0],
                words -> Arrays.stream(words).skip(1).collect(Collectors.toSet())));
  }
}
