package dev.rowmill.sql.run;

import dev.rowmill.sql.table.WalkedRows;
import dev.rowmill.task.SideReader;
import java.sql.Connection;

/**
 * Holds the rows whose changes are captured, and the connections that read them.
 *
 * @param connection connection of the chunk, which sees its changes
 * @param side other connection, which does not
 */
record CapturedRange(Connection connection, SideReader side, WalkedRows rows) {}
