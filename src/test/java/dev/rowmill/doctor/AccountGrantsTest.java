package dev.rowmill.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class AccountGrantsTest {

  @Test
  void lines_of_both_servers_are_read() {
    AccountGrants grants =
        grants(
            "GRANT PROCESS ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*0123'",
            "GRANT ALL PRIVILEGES ON `rowmill`.* TO `r`@`%`",
            "GRANT SELECT, UPDATE (`a`, `b`) ON `shop`.`item` TO `r`@`%` WITH GRANT OPTION",
            "GRANT `reader`@`%` TO `r`@`%`",
            "GRANT PROXY ON ''@'' TO `r`@`%`",
            "GRANT EXECUTE ON FUNCTION `shop`.`f` TO `r`@`%`",
            "GRANT SELECT ON \"quoted\".* TO \"r\"@\"%\"");
    assertTrue(grants.include("PROCESS", "any"));
    assertTrue(grants.include("INDEX", "rowmill"));
    assertTrue(grants.include("UPDATE", "shop", "item"));
    assertFalse(grants.include("UPDATE", "shop"));
    assertFalse(grants.include("UPDATE", "shop", "other"));
    assertFalse(grants.include("DELETE", "shop", "item"));
    assertFalse(grants.include("EXECUTE", "shop", "f"));
    assertTrue(grants.include("SELECT", "quoted"));
    assertEquals(
        List.of("*.*", "`rowmill`.*", "`shop`.`item`", "`quoted`.*"),
        grants.lines().stream().map(AccountGrants.Line::on).toList());
  }

  @Test
  void names_of_schemas_are_patterns() {
    AccountGrants grants = grants("GRANT SELECT ON `shop\\_a%`.* TO `r`@`%`");
    assertTrue(grants.include("SELECT", "shop_a"));
    assertTrue(grants.include("SELECT", "shop_abc"));
    assertFalse(grants.include("SELECT", "shopXa"));
    assertTrue(grants("GRANT SELECT ON `sh_p`.* TO `r`@`%`").include("SELECT", "shop"));
  }

  @Test
  void a_partial_revoke_applies_to_global_grants_only() {
    String global = "GRANT SELECT, INSERT ON *.* TO `r`@`%`";
    String revoke = "REVOKE INSERT ON `shop`.* FROM `r`@`%`";
    assertFalse(grants(global, revoke).include("INSERT", "shop"));
    assertTrue(grants(global, revoke).include("SELECT", "shop"));
    assertTrue(grants(global, revoke).include("INSERT", "other"));
    assertTrue(
        grants(global, revoke, "GRANT INSERT ON `shop`.* TO `r`@`%`").include("INSERT", "shop"));
  }

  private static AccountGrants grants(String... lines) {
    return new AccountGrants(List.of(lines));
  }
}
