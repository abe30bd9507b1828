package dev.rowmill.sql.run;

import dev.rowmill.sql.value.BoundText;
import dev.rowmill.task.SideReader;
import java.sql.Connection;
import java.util.List;

/**
 * Holds the range whose changes are captured, and the connections that read it.
 *
 * @param connection connection of the chunk, which sees its changes
 * @param side other connection, which does not
 * @param bounded whether the range has a lower end
 * @param values values of the ends of the range
 */
record CapturedRange(
    Connection connection, SideReader side, boolean bounded, List<BoundText.Value> values) {}
