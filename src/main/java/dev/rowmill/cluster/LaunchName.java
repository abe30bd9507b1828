package dev.rowmill.cluster;

/**
 * Identifies the launch of a batch in the table of launches.
 *
 * @param epoch minimum epoch of the run
 */
record LaunchName(long batch, int epoch) {

  static LaunchName of(String text) {
    int slash = text.indexOf('/');
    return new LaunchName(
        Long.parseLong(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  String text() {
    return batch + "/" + epoch;
  }
}
