package dev.rowmill.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Provides the version of the build, from a resource. Stateless. */
@RegisterForReflection
final class RowmillVersion implements IVersionProvider {

  @Override
  public String[] getVersion() {
    return new String[] {"rowmill " + number()};
  }

  /** Returns the version alone, such as {@code 0.1.0}. */
  static String number() {
    Properties build = new Properties();
    try (InputStream resource = RowmillVersion.class.getResourceAsStream("/build.properties")) {
      if (resource != null) {
        build.load(resource);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return build.getProperty("version", "(unknown version)");
  }
}
