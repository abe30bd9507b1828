package dev.rowmill.testing;

import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Injects the {@link TestServer} that all tests share, because creating one takes seconds. For
 * tests that do not change its process or its settings.
 */
public final class SharedServer implements ParameterResolver {

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestServer.class;
  }

  @Override
  public TestServer resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return get();
  }

  /** Returns the server, for other extensions. */
  public static TestServer get() {
    return JvmStore.get("server", TestServer.class, () -> new TestServer().start());
  }
}
