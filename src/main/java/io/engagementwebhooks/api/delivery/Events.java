package io.engagementwebhooks.api.delivery;

import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.Page;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.api.webhook.EventMatching;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.webhook.Config;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/** The events of the caller's account. Thread-safe. */
public record Events(EventStore events, Supplier<Config> config, EventMatching matching) {

    /** Prefix of an event's number. */
    public static final String PREFIX = "evt_";

    private static final String MATCHES = "matches";

    /** {@code GET /v1/events}: newest first. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters("event", Parameters.LIMIT, Parameters.CURSOR);
            String id = given.text("event");
            String scope = "events\n" + request.account() + "\n" + id;
            long before = given.afterNumber(scope);
            return Page.ofRows(
                    most -> events.events(request.account(), id, before, most),
                    given.limit(),
                    scope,
                    row -> Long.toString(row.key()),
                    EventSummary::of);
        });
    }

    /** {@code GET /v1/events/{id}}: with its document as received and, if requested, matching webhooks and the check. */
    public Processor one() {
        return ApiStep.ok(request -> {
            boolean matches = "true".equals(request.parameters(MATCHES).oneOf(MATCHES, Set.of("true", "false")));
            long key = key(request.resource());
            EventStore.EventRow row = events.row(request.account(), key)
                    .orElseThrow(() -> new ProblemException(Problem.notFound("this account has no event of that id")));
            Optional<Event> event = events.event(request.account(), key);
            return new EventDetails(
                    EventSummary.of(row),
                    event.map(Event::tree).orElse(null),
                    event.filter(kept -> matches).map(matching::of).orElse(null),
                    matches && config.get().webhooks(request.account()).size() > EventMatching.MOST,
                    event.filter(kept -> matches).flatMap(matching::faults).orElse(null));
        });
    }

    /** The number in the id of a list; -1: it is not an id. */
    public static long key(String id) {
        String digits = id.startsWith(PREFIX) ? id.substring(PREFIX.length()) : "";
        return digits.matches("\\d{1,18}") ? Long.parseLong(digits) : -1;
    }
}
