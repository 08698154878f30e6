package io.engagementwebhooks.api.listen;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.api.Sealed;
import io.engagementwebhooks.api.account.PortalSessions;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.api.delivery.Events;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ledger.BudgetExceededException;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.accept.EventStore;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.Caller;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Durations;
import io.engagementwebhooks.webhook.EventTypes;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Reads what a listener asks for, and builds its requests from stored events, whichever instance accepted them.
 * Thread-safe; blocks on the store.
 */
public final class Listeners {

    static final String AFTER = "after";
    private static final String TO = "to";
    private static final String WEBHOOK = "webhook";
    private static final String EVENTS = "events";
    private static final URI LOCAL = URI.create("http://localhost/");
    private static final int LONGEST_URL = 1_000;
    private static final int MOST_TYPES = 50;
    private static final Pattern TYPE = Pattern.compile("\\*|[^*\\s,]*[^.*\\s,](\\.\\*)?");

    /** Bodies of this size together end a group of requests. */
    private static final int GROUP_BYTES = 256 << 10;

    private final Supplier<Config> config;
    private final EventStore events;
    private final CallerAuthentication.Guard guard;
    private final PortalSessions portals;
    private final Sealed<Ticket> tickets;
    private final Ledger ledger;
    private final Clock clock;

    /**
     * @param guard knows which keys are valid now
     * @param vault of the store
     * @param ledger memory for conditions and requests
     */
    public Listeners(
            Supplier<Config> config,
            EventStore events,
            CallerAuthentication.Guard guard,
            PortalSessions portals,
            Vault vault,
            Ledger ledger,
            Clock clock) {
        this.config = config;
        this.events = events;
        this.guard = guard;
        this.portals = portals;
        this.tickets = new Sealed<>(vault.derived("listen"), Ticket.class);
        this.ledger = ledger;
        this.clock = clock;
    }

    static Parameters parameters(Map<String, List<String>> query) {
        return Parameters.of(query, List.of(TO, WEBHOOK, EVENTS, AFTER));
    }

    /** @throws ProblemException if a parameter is not valid, or there is no such webhook */
    Listener listener(Caller caller, Parameters given) {
        Optional<EventTypes> types = Optional.ofNullable(given.text(EVENTS)).map(Listeners::types);
        return listener(caller.account(), given.text(WEBHOOK), types, url(given.text(TO)));
    }

    /** The listener of a response. @throws ProblemException 404 if its webhook was deleted */
    Listener listener(Caller caller, Ticket ticket) {
        return listener(caller.account(), ticket.webhook(), Optional.empty(), URI.create(ticket.to()));
    }

    private Listener listener(Account account, String named, Optional<EventTypes> types, URI to) {
        if (named == null) {
            return Listener.ofDefault(account, types, to);
        }
        Webhook webhook = config.get()
                .webhook(account.id(), named)
                .orElseThrow(
                        () -> new ProblemException(Problem.notFound("this account has no webhook of that name or id")));
        return Listener.of(named, webhook, types, to)
                .orElseThrow(
                        () -> Parameters.bad(
                                "webhook '" + webhook.name()
                                        + "' sends to a third party, which defines its requests; name one that delivers to a URL, or none"));
    }

    private static EventTypes types(String text) {
        List<String> patterns = List.of(text.split(",", MOST_TYPES + 1));
        if (patterns.size() > MOST_TYPES
                || !patterns.stream().allMatch(type -> TYPE.matcher(type).matches())) {
            throw Parameters.bad("parameter 'events' must be at most " + MOST_TYPES
                    + " event types with commas between them, such as call.ended,call.*");
        }
        return new EventTypes(patterns);
    }

    private static URI url(String text) {
        if (text == null) {
            return LOCAL;
        }
        try {
            URI url = new URI(new URI(text).toASCIIString());
            boolean isHttp = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            if (isHttp && url.getHost() != null && url.getRawUserInfo() == null && text.length() <= LONGEST_URL) {
                return url;
            }
        } catch (URISyntaxException e) {
            // reported below
        }
        throw Parameters.bad("parameter 'to' must be a URL with http or https of at most " + LONGEST_URL
                + " characters, without a user, such as http://localhost:3000/hook");
    }

    /** @throws ProblemException 401 if the key or the portal session has ended */
    void check(Caller caller) {
        boolean isValid = isOfPortal(caller)
                ? portals.find(caller.key().actor().id()).isPresent()
                : guard.current(caller).isPresent();
        if (!isValid) {
            throw new ProblemException(
                    Problem.unauthorized("the key or the portal session of this listener has ended"));
        }
    }

    /** Records the use of a portal session. */
    void used(Caller caller) {
        if (isOfPortal(caller)) {
            portals.find(caller.key().actor().id()).ifPresent(portals::used);
        }
    }

    private static boolean isOfPortal(Caller caller) {
        return caller.key().actor().kind().equals(Actor.PORTAL_SESSION);
    }

    /** The ticket of a request to an account. @throws ProblemException 404 if there is none */
    Ticket ticket(String account, String id) {
        return tickets.unseal(id)
                .filter(known -> known.account().equals(account))
                .orElseThrow(() ->
                        new ProblemException(Problem.notFound("this account has no request to a listener of that id")));
    }

    /** The position of a listener that gets only events from now on. */
    Position latest(Caller caller) {
        return Position.latest(newest(caller.account().id()));
    }

    /** The position after an event. @param event its id, or null: the start */
    static Position after(String event) {
        long key = event == null ? 0 : Events.key(event);
        if (key < 0) {
            throw Parameters.bad("parameter 'after' must be the id of an event, such as evt_17; send 'next' unchanged");
        }
        return new Position(key);
    }

    private IntFunction<List<EventStore.EventRow>> newest(String account) {
        return limit -> events.events(account, null, Long.MAX_VALUE, limit);
    }

    /** A group of the requests that a listener has not got yet; the position is moved. */
    ListenedEvents next(Listener listener, Position position) {
        String account = listener.webhook().account();
        List<ListenedRequest> group = new ArrayList<>();
        int bytes = 0;
        for (EventStore.EventRow row : position.unread(newest(account), clock.instant())) {
            if (bytes >= GROUP_BYTES) {
                break;
            }
            Optional<Event> event = listener.asksFor(row) ? events.event(account, row.key()) : Optional.empty();
            Optional<ListenedRequest> made = event.flatMap(each -> request(listener, row, each));
            bytes += made.map(ListenedRequest::body).map(String::length).orElse(0);
            made.ifPresent(group::add);
            position.passed(row);
        }
        return new ListenedEvents(group, Events.PREFIX + position.last(), position.hasLeftOut());
    }

    @SuppressWarnings("try")
    private Optional<ListenedRequest> request(Listener listener, EventStore.EventRow row, Event event) {
        try (Evaluation evaluation = Evaluation.begin(ledger.of(event.account()))) {
            return listener.matches(event) ? Optional.of(built(listener, row, event)) : Optional.empty();
        } catch (BodyFault | BudgetExceededException e) {
            return Optional.of(new ListenedRequest(
                    null, Events.PREFIX + row.key(), row.type(), null, Map.of(), null, null, e.getMessage()));
        } finally {
            event.dropLargeTree();
        }
    }

    private ListenedRequest built(Listener listener, EventStore.EventRow row, Event event) {
        Instant at = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        String delivery = UlidCreator.getMonotonicUlid(at.toEpochMilli()).toString();
        OutgoingRequest request = listener.request(delivery, event, at);
        Map<String, String> headers = new LinkedHashMap<>();
        request.forEachHeader(headers::put);
        Ticket ticket = new Ticket(
                delivery,
                event.account(),
                listener.named(),
                listener.target().url().toString(),
                row.key(),
                at.toEpochMilli());
        return new ListenedRequest(
                tickets.seal(ticket),
                Events.PREFIX + row.key(),
                row.type(),
                request.method(),
                headers,
                DeliveryView.base64(request.body()),
                Durations.text(listener.webhook().delivery().timeout()),
                null);
    }
}
