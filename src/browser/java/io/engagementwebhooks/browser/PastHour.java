package io.engagementwebhooks.browser;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;

/** Gives each account of a running product's store an hour of activity, for the pictures. */
final class PastHour {

    private static final int CLASSES = 24;
    private static final int USUAL = 9;
    private static final int SLOW = 14;

    private PastHour() {}

    static void write(Path storeFile) {
        String sql = "INSERT OR REPLACE INTO minute_stats SELECT key, ?, 'gallery', ?, ?, ?, 0, 0"
                + ", ?".repeat(CLASSES) + " FROM account";
        long now = Instant.now().getEpochSecond() / 60;
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + storeFile + "?busy_timeout=5000");
                PreparedStatement insert = connection.prepareStatement(sql)) {
            for (int ago = 60; ago >= 1; ago--) {
                int events = (int) (900 + 500 * Math.sin(ago / 9.0) + 140 * Math.cos(ago * 1.7));
                int failed = ago > 22 && ago < 30 ? events / 5 : events / 90;
                insert.setLong(1, now - ago);
                insert.setInt(2, events);
                insert.setInt(3, events * 2 - failed);
                insert.setInt(4, failed);
                for (int each = 0; each < CLASSES; each++) {
                    int slow = SLOW + (ago * 7 % 11 > 8 ? 1 : 0) - (ago > 40 ? 1 : 0);
                    insert.setInt(5 + each, each == USUAL ? events * 2 - events / 20 : each == slow ? events / 20 : 0);
                }
                insert.executeUpdate();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
