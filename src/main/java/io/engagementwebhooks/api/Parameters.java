package io.engagementwebhooks.api;

import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Parameters of a query. Each must be known, valid and given once; otherwise a problem names it. */
public final class Parameters {

    public static final String LIMIT = "limit";
    public static final String CURSOR = "cursor";
    public static final String ACCOUNT = "account";
    /** Part of a name, ignoring case. */
    public static final String TEXT = "text";
    /** Filter for resources that need attention. */
    static final String ATTENTION = "attention";

    private static final int DEFAULT_LIMIT = 50;
    private static final int MOST = 200;
    private static final int SHOWN = 60;

    private final Map<String, List<String>> values;

    private Parameters(Map<String, List<String>> values) {
        this.values = values;
    }

    public static Parameters of(Map<String, List<String>> values, List<String> known) {
        values.forEach((name, given) -> {
            if (!known.contains(name)) {
                throw bad("there is no parameter '" + shortened(name) + "' here; "
                        + (known.isEmpty() ? "leave it out" : "known: " + String.join(", ", known)));
            }
            if (given.size() > 1) {
                throw bad("parameter '" + name + "' is given " + given.size() + " times; give it once");
            }
        });
        return new Parameters(values);
    }

    /** The value, or null if not given. */
    public String text(String name) {
        List<String> given = values.get(name);
        if (given == null) {
            return null;
        }
        if (given.get(0).isEmpty()) {
            throw bad("parameter '" + name + "' is empty; give it a value or leave it out");
        }
        return given.get(0);
    }

    public String oneOf(String name, Set<String> allowed) {
        String text = text(name);
        if (text != null && !allowed.contains(text)) {
            throw bad("parameter '" + name + "' must be one of " + String.join(", ", new TreeSet<>(allowed)) + ", not '"
                    + shortened(text) + "'");
        }
        return text;
    }

    /** A time, or null if not given. */
    public Instant time(String name) {
        String text = text(name);
        try {
            return text == null ? null : inRange(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            throw bad(
                    "parameter '" + name + "' must be an ISO 8601 time with its offset, such as 2026-11-24T09:31:07Z (a"
                            + " '+' is written %2B), not '" + shortened(text) + "'");
        }
    }

    /** The store has milliseconds in 64 bits. No caller means a year with more than four digits. */
    public static Instant inRange(Instant time) {
        if (time.isBefore(Instant.EPOCH) || time.isAfter(Instant.parse("9999-12-31T23:59:59.999Z"))) {
            throw new DateTimeException("out of range");
        }
        return time;
    }

    public int limit() {
        return number(LIMIT, 1, MOST, DEFAULT_LIMIT);
    }

    /** An integer. @param otherwise if not given */
    public int number(String name, int least, int most, int otherwise) {
        String text = text(name);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw bad("parameter '" + name + "' must be a whole number from " + least + " to " + most + ", not '"
                + shortened(text) + "'; leave it out for " + otherwise);
    }

    /** Position to continue at, or null: from the start. @param scope see {@link Cursor} */
    public String after(String scope) {
        String text = text(CURSOR);
        return text == null ? null : Cursor.position(scope, text);
    }

    /** Like {@link #after}, in a list of descending numbers: the number to continue below. */
    public long afterNumber(String scope) {
        String position = after(scope);
        return position == null || !position.matches("\\d{1,18}") ? Long.MAX_VALUE : Long.parseLong(position);
    }

    public static ProblemException bad(String detail) {
        return new ProblemException(Problem.badRequest("bad-parameter", detail));
    }

    public static String shortened(String text) {
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    }
}
