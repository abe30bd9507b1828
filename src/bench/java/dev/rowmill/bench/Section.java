package dev.rowmill.bench;

import java.util.List;

/**
 * Represents the results of a scenario.
 *
 * @param about the work, in one line
 * @param notes omissions with their reasons, and further information
 */
record Section(String scenario, String about, Measurements measurements, List<String> notes) {}
