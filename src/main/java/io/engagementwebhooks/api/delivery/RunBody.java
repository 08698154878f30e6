package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.api.definition.Definitions;
import io.engagementwebhooks.config.schema.FieldFault;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;

/** Reads the body that starts a replay or a backfill, and collects its errors. Not thread-safe. */
final class RunBody {

    private static final int USUAL_PACE = 50;
    private static final int FASTEST = 1_000;

    private final JsonNode body;
    private final List<FieldFault> faults = new ArrayList<>();

    RunBody(JsonNode body) {
        this.body = body;
    }

    boolean has(String member) {
        return body.has(member);
    }

    /** @param member empty: the fault is one of the body */
    void fault(String member, String rule, String wayOut) {
        FieldFault fault = member.isEmpty()
                ? new FieldFault("", rule, wayOut)
                : new FieldFault("/" + member, "'" + member + "' " + rule, wayOut);
        if (!faults.contains(fault)) {
            faults.add(fault);
        }
    }

    /** @throws io.engagementwebhooks.server.ProblemException if there are errors; it has all of them */
    void check() {
        if (!faults.isEmpty()) {
            throw Definitions.invalid(faults);
        }
    }

    /** An object, or null. */
    ObjectNode object(String member) {
        return body.path(member) instanceof ObjectNode given ? given : null;
    }

    String text(String member) {
        JsonNode value = body.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual() || value.textValue().isEmpty()) {
            fault(member, "is not a text, or is empty", "give it a value, or leave it out");
            return null;
        }
        return value.textValue();
    }

    Instant time(String member) {
        String text = text(member);
        try {
            return text == null
                    ? null
                    : Parameters.inRange(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException e) {
            fault(member, "is not an ISO 8601 time with its offset", "such as 2026-11-24T09:31:07Z");
            return null;
        }
    }

    /** The end of a time span. @param from its begin, or null */
    Instant timeAfter(String member, Instant from) {
        Instant to = time(member);
        if (from != null && to != null && !from.isBefore(to)) {
            fault(member, "must be after 'from'", "'from' is included, 'to' is not");
        }
        return to;
    }

    boolean flag(String member) {
        JsonNode value = body.path(member);
        if (!value.isMissingNode() && !value.isBoolean()) {
            fault(member, "is not true or false", "leave it out for false");
        }
        return value.asBoolean();
    }

    /** Deliveries per second. */
    int pace() {
        return number("perSecond", 1, FASTEST, USUAL_PACE);
    }

    int number(String member, int least, int most, int otherwise) {
        JsonNode value = body.path(member);
        if (value.isMissingNode()) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || value.asLong() < least || value.asLong() > most) {
            String usual = otherwise == 0 ? "leave it out for any" : "leave it out for " + otherwise;
            fault(member, "is not a whole number from " + least + " to " + most, usual);
            return otherwise;
        }
        return value.intValue();
    }
}
