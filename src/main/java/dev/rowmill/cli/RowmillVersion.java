package dev.rowmill.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Provides the version of the build, from a resource. Stateless. */
@RegisterForReflection
final class RowmillVersion implements IVersionProvider {

  @Override
  public String[] getVersion() throws IOException {
    Properties build = new Properties();
    try (InputStream resource = RowmillVersion.class.getResourceAsStream("/build.properties")) {
      if (resource != null) {
        build.load(resource);
      }
    }
    return new String[] {"rowmill " + build.getProperty("version", "(unknown version)")};
  }
}
