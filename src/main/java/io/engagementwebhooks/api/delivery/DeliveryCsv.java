package io.engagementwebhooks.api.delivery;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Deliveries as CSV (RFC 4180). A cell that a spreadsheet would read as a formula begins with an apostrophe. Not
 * thread-safe.
 */
final class DeliveryCsv {

    private static final String COLUMNS =
            "id,acceptedAt,status,event,eventType,webhook,httpStatus,ms,attempts,reason,endedAt,"
                    + "replayOf,origin,test\r\n";

    /** At the start of a cell, also if a spreadsheet separates cells by semicolons or tabs. */
    private static final Pattern FORMULA = Pattern.compile("(?<=^|[;\\t\\r\\n])(?=[=+@\\t\\r-])");

    private final StringBuilder table = new StringBuilder(COLUMNS);
    private int rows;

    void add(List<DeliveryView> deliveries) {
        for (DeliveryView delivery : deliveries) {
            add(
                    delivery.id(),
                    delivery.acceptedAt(),
                    delivery.status(),
                    delivery.event(),
                    delivery.eventType(),
                    delivery.webhook(),
                    delivery.httpStatus(),
                    delivery.ms(),
                    delivery.attemptCount(),
                    delivery.reason(),
                    delivery.endedAt(),
                    delivery.replayOf(),
                    delivery.origin(),
                    delivery.test());
        }
        rows += deliveries.size();
    }

    private void add(Object... cells) {
        table.append(Arrays.stream(cells)
                        .map(cell -> cell == null ? "" : cell(cell.toString()))
                        .collect(Collectors.joining(",")))
                .append("\r\n");
    }

    static String cell(String text) {
        String safe = FORMULA.matcher(text).replaceAll("'");
        boolean isQuoted = safe.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return isQuoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }

    /** Number of deliveries in it. */
    int rows() {
        return rows;
    }

    byte[] bytes() {
        return table.toString().getBytes(StandardCharsets.UTF_8);
    }
}
