package io.engagementwebhooks.ingest;

import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;

/** The context attributes of an event being read, with the rules of CloudEvents 1.0. */
final class Attributes {

    private static final int MAX_LENGTH = 1024;

    private final Map<String, String> values = new LinkedHashMap<>();

    void put(String name, String value) {
        values.put(name, value);
    }

    String get(String name) {
        return values.get(name);
    }

    Map<String, String> all() {
        return values;
    }

    String required(String name) {
        String value = optional(name);
        if (value == null || value.isEmpty()) {
            throw bad("missing-attribute", "the event needs '" + name + "', a string that is not empty");
        }
        return value;
    }

    String optional(String name) {
        String value = values.get(name);
        if (value == null) {
            return null;
        }
        if (value.length() > MAX_LENGTH) {
            throw bad("bad-attribute", "'" + name + "' is longer than " + MAX_LENGTH + " characters");
        }
        value.codePoints().forEach(c -> {
            if (Character.isISOControl(c) || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
                throw bad(
                        "bad-attribute",
                        "'" + name + "' holds a character that CloudEvents does not allow: U+"
                                + String.format("%04X", c));
            }
        });
        return value;
    }

    Instant time() {
        String text = values.get("time");
        if (text == null) {
            return null;
        }
        try {
            Instant time = OffsetDateTime.parse(text).toInstant();
            if (text.startsWith("+") || text.startsWith("-")) {
                throw new DateTimeException("the year has four digits");
            }
            return time;
        } catch (DateTimeException e) {
            throw bad("bad-attribute", "'time' must be a time as in RFC 3339, such as 2026-11-24T09:31:07Z");
        }
    }

    /** @param mayBeMissing true for plain JSON only */
    void checkSpecVersion(boolean mayBeMissing) {
        String version = values.get("specversion");
        if (version == null && mayBeMissing) {
            return;
        }
        if (!"1.0".equals(version)) {
            throw bad(
                    "bad-specversion",
                    "'specversion' must be \"1.0\""
                            + (version == null ? "; it is missing" : ", not \"" + shortened(version) + "\""));
        }
    }

    void checkAccount(String account) {
        String named = values.get("account");
        if (named != null && !named.equals(account)) {
            throw new ProblemException(Problem.forbidden(
                    "account-mismatch",
                    "the event names account '" + shortened(named)
                            + "', and the key is of another account; leave it out" + " or use that account's key"));
        }
    }

    static String shortened(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }

    static ProblemException bad(String code, String detail) {
        return new ProblemException(Problem.badRequest(code, detail));
    }
}
