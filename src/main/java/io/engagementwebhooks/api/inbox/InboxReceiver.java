package io.engagementwebhooks.api.inbox;

import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.server.RouterProblems;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Receives requests of any method at {@code /inbox/<id>}, without a key: keeps each and responds with the inbox's status
 * after its delay, an error with a line of text. No thread waits. Thread-safe.
 */
public final class InboxReceiver implements Handler<RoutingContext> {

    /** Limit of a body in bytes. */
    static final int MOST_BYTES = 64 * 1024;

    private static final int DELAYED = 512;
    private static final int FIRST_ERROR = 400;

    private final InboxAddresses addresses;
    private final Inboxes inboxes;
    private final Clock clock;
    private final ConcurrencyLimit delayed = new ConcurrencyLimit(
            DELAYED, "too-many-at-once", "many requests to test inboxes of this account wait for their response");

    public InboxReceiver(InboxAddresses addresses, Inboxes inboxes, Clock clock) {
        this.addresses = addresses;
        this.inboxes = inboxes;
        this.clock = clock;
    }

    @Override
    public void handle(RoutingContext context) {
        String id = context.pathParam("id");
        Optional<String> account = addresses.account(id);
        if (account.isEmpty()) {
            context.next();
            return;
        }
        try {
            respond(context, account.get(), inboxes.received(account.get(), id, read(context)));
        } catch (ProblemException e) {
            RouterProblems.answer(context, e.problem());
        }
    }

    private ReceivedRequest read(RoutingContext context) {
        HttpServerRequest request = context.request();
        Buffer body = context.body().buffer();
        if (body != null && body.length() > MOST_BYTES) {
            throw new ProblemException(
                    Problem.tooLarge("a test inbox takes bodies of at most " + MOST_BYTES + " bytes"));
        }
        Map<String, List<String>> headers = new LinkedHashMap<>();
        request.headers().forEach((name, value) -> headers.computeIfAbsent(
                        name.toLowerCase(Locale.ROOT), first -> new ArrayList<>(1))
                .add(value));
        return new ReceivedRequest(
                clock.instant(),
                request.method().name(),
                request.uri(),
                headers,
                body == null ? new byte[0] : body.getBytes());
    }

    private void respond(RoutingContext context, String account, Inbox inbox) {
        if (inbox.delay().isZero()) {
            respond(context, inbox);
            return;
        }
        ConcurrencyLimit.Slot slot = delayed.acquire(account);
        context.vertx().setTimer(inbox.delay().toMillis(), timer -> {
            slot.close();
            if (!context.response().closed()) {
                respond(context, inbox);
            }
        });
    }

    private static void respond(RoutingContext context, Inbox inbox) {
        HttpServerResponse response = context.response().setStatusCode(inbox.status());
        if (inbox.status() < FIRST_ERROR) {
            response.end();
        } else {
            response.putHeader("Content-Type", "text/plain").end("This status was chosen in the test inbox.");
        }
    }
}
