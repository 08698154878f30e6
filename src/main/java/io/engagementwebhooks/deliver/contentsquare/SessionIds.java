package io.engagementwebhooks.deliver.contentsquare;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.request.MappedValue;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * The ids of a Contentsquare session, as the page collected them during the visit.
 *
 * @param projectId positive
 * @param userId not empty
 * @param sessionNumber positive
 */
record SessionIds(long projectId, String userId, int sessionNumber) {

    /**
     * The session in an event; empty if an id is missing or invalid: no consent, not sampled, a call without a visit.
     *
     * @param path dotted path from the event to the object that contains them
     */
    static Optional<SessionIds> in(JsonNode event, String path) {
        JsonNode holder = event;
        for (String name : path.split("\\.")) {
            holder = holder.path(name);
        }
        Optional<BigDecimal> project = whole(holder.path("projectId"), Long.MAX_VALUE);
        Optional<BigDecimal> number = whole(holder.path("sessionNumber"), Integer.MAX_VALUE);
        String user = holder.path("userId").asText("").strip();
        if (project.isEmpty()
                || number.isEmpty()
                || user.isEmpty()
                || holder.path("userId").isNull()) {
            return Optional.empty();
        }
        return Optional.of(new SessionIds(
                project.get().longValueExact(), user, number.get().intValueExact()));
    }

    private static Optional<BigDecimal> whole(JsonNode value, long most) {
        return MappedValue.number(value)
                .filter(number -> number.signum() > 0
                        && number.compareTo(BigDecimal.valueOf(most)) <= 0
                        && number.stripTrailingZeros().scale() <= 0);
    }
}
