package dev.rowmill.browser;

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
 * Gives a test its {@link Tabs}, and a {@link Site} that all share, {@link WithTokens} another one,
 * or {@link Sites} of its own. Without a Chromium the tests are skipped, unless the environment
 * says that this is CI. After each test the tabs are closed, which fails where their pages did what
 * they must not, and all that runs on the shared site is ended.
 */
final class Browsing implements ExecutionCondition, ParameterResolver, AfterEachCallback {

  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(Browsing.class);

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    // Each test is skipped rather than its class, so that each is seen to be.
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
      return site(context, parameter.isAnnotated(WithTokens.class));
    }
    ExtensionContext.Store store = context.getStore(NAMESPACE);
    return type == Tabs.class
        ? store.computeIfAbsent(
            Tabs.class, key -> new Tabs(chromium(context).browser()), Tabs.class)
        : store.computeIfAbsent(
            Sites.class, key -> new Sites(SharedServer.of(context)), Sites.class);
  }

  private static Chromium chromium(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(Chromium.class, key -> new Chromium(), Chromium.class);
  }

  private static Site site(ExtensionContext context, boolean tokens) {
    TestServer server = SharedServer.of(context);
    Map<String, String> config = tokens ? Site.withTokens() : Map.of();
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(
            tokens ? WithTokens.class : Site.class, key -> newSite(server, config), Site.class);
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
    ExtensionContext.Store shared = context.getRoot().getStore(NAMESPACE);
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
      for (Class<?> key : List.of(Site.class, WithTokens.class)) {
        Site site = shared.get(key, Site.class);
        if (site != null) {
          site.tidy();
        }
      }
    }
  }
}
