package dev.rowmill.bench;

import java.util.List;

/**
 * What a scenario found.
 *
 * @param about what was done, in one line
 * @param notes what was left out and why, and what else a reader should know
 */
record Section(String scenario, String about, Measurements measurements, List<String> notes) {}
