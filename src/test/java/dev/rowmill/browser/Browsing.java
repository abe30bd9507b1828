package dev.rowmill.browser;

import dev.rowmill.testing.JvmStore;
import dev.rowmill.testing.SharedServer;
import dev.rowmill.testing.TestServer;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Injects the {@link Tabs} of a test, and a {@link Site} that all tests share. {@link WithTokens}
 * selects another shared one, and {@link Sites} starts new ones. Without a Chromium the tests are
 * skipped, unless the environment is CI. After each test, closes the tabs, which fails if a page
 * did something forbidden. Then ends everything that runs on the shared site.
 */
final class Browsing implements ExecutionCondition, ParameterResolver, AfterEachCallback {

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(Browsing.class);

  private static final String SITE = "site";
  private static final String SITE_WITH_TOKENS = "site with tokens";

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    // Skip each test instead of its class, so that the report lists each skipped test.
    if (context.getTestMethod().isEmpty() || Chromium.path().isPresent() || Chromium.isDemanded()) {
      return ConditionEvaluationResult.enabled(null);
    }
    return ConditionEvaluationResult.disabled(Chromium.missing());
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Tabs.class || type == Site.class || type == Sites.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    if (type == Site.class) {
      return site(parameter.isAnnotated(WithTokens.class));
    }
    ExtensionContext.Store store = context.getStore(NAMESPACE);
    return type == Tabs.class
        ? store.computeIfAbsent(Tabs.class, key -> new Tabs(chromium().browser()), Tabs.class)
        : store.computeIfAbsent(Sites.class, key -> new Sites(SharedServer.get()), Sites.class);
  }

  private static Chromium chromium() {
    return JvmStore.get("chromium", Chromium.class, Chromium::new);
  }

  private static Site site(boolean tokens) {
    TestServer server = SharedServer.get();
    return JvmStore.get(
        tokens ? SITE_WITH_TOKENS : SITE,
        Site.class,
        () -> newSite(server, tokens ? Site.withTokens() : Map.of()));
  }

  private static Site newSite(TestServer server, Map<String, String> config) {
    try {
      return new Site(server, config);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Tabs tabs = context.getStore(NAMESPACE).get(Tabs.class, Tabs.class);
    Sites sites = context.getStore(NAMESPACE).get(Sites.class, Sites.class);
    try {
      if (tabs != null) {
        if (context.getExecutionException().isPresent()) {
          tabs.picture(context.getRequiredTestMethod().getName());
        }
        tabs.close();
      }
    } finally {
      if (sites != null) {
        sites.close();
      }
      for (String site : List.of(SITE, SITE_WITH_TOKENS)) {
        JvmStore.find(site, Site.class).ifPresent(Site::tidy);
      }
    }
  }
}
