package io.engagementwebhooks.api.listen;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.ledger.FairExecutor;
import io.engagementwebhooks.server.CallerAuthentication;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.server.RouterProblems;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.webhook.Caller;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /v1/listen} as server-sent events, for callers that accept them; others get one answer from {@link
 * ListenApi}. A connection gets the requests of events that are accepted while it is open. No thread waits.
 * Thread-safe.
 */
public final class ListenStreams implements Handler<RoutingContext> {

    /** When a connection ends. */
    private static final Duration LONGEST = Duration.ofHours(8);

    /** Proxies close connections on which nothing is sent, some after 30 s. */
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(15);

    private static final long INTERVAL_MILLIS = 500;
    private static final String MEDIA_TYPE = "text/event-stream";
    private static final Logger LOG = LoggerFactory.getLogger(ListenStreams.class);
    private static final JsonMapper JSON = new JsonMapper();

    private final Listeners listeners;
    private final FairExecutor executor;
    private final Clock clock;
    private final ConcurrencyLimit limit = ConcurrencyLimit.ofListeners();

    /** @param executor reads the store and builds requests */
    public ListenStreams(Listeners listeners, FairExecutor executor, Clock clock) {
        this.listeners = listeners;
        this.executor = executor;
        this.clock = clock;
    }

    @Override
    public void handle(RoutingContext context) {
        String accepted = context.request().getHeader(HttpHeaders.ACCEPT);
        if (accepted == null || !accepted.contains(MEDIA_TYPE)) {
            context.next();
            return;
        }
        try {
            Caller caller = context.get(CallerAuthentication.CALLER);
            Parameters given =
                    Listeners.parameters(HttpCall.query(context.request().query()));
            Listener listener = listeners.listener(caller, given);
            String last = context.request().getHeader("Last-Event-ID");
            String after = last == null ? given.text(Listeners.AFTER) : last;
            Position position = after == null ? null : Listeners.after(after);
            ConcurrencyLimit.Slot slot = limit.acquire(caller.account().id());
            context.addEndHandler(ended -> slot.close());
            new Stream(context, caller, listener, position).later(1);
        } catch (ProblemException e) {
            RouterProblems.answer(context, e.problem());
        }
    }

    /** One connection. Written to by its event loop; {@link #poll} runs on one other thread at a time. */
    private final class Stream {

        private final RoutingContext context;
        private final Context loop;
        private final HttpServerResponse response;
        private final Caller caller;
        private final Listener listener;
        private final Instant ends = clock.instant().plus(LONGEST);
        private Position position;
        private Instant aliveAt = Instant.EPOCH;
        private boolean isReady;

        /** @param position null: only events from now on */
        Stream(RoutingContext context, Caller caller, Listener listener, Position position) {
            this.context = context;
            this.loop = context.vertx().getOrCreateContext();
            this.response = context.response();
            this.caller = caller;
            this.listener = listener;
            this.position = position;
        }

        void later(long millis) {
            loop.owner().setTimer(millis, timer -> {
                try {
                    if (!response.closed()) {
                        executor.execute(caller.account().id(), this::poll);
                    }
                } catch (RejectedExecutionException e) {
                    response.end(); // the product stops
                }
            });
        }

        private void poll() {
            try {
                Instant now = clock.instant();
                StringBuilder text = new StringBuilder();
                listeners.check(caller);
                if (aliveAt.isBefore(now.minus(SIGN_OF_LIFE))) {
                    listeners.used(caller);
                    aliveAt = now;
                    text.append(":\n\n");
                }
                if (now.isAfter(ends)) {
                    loop.runOnContext(none -> end("8 hours are over; start the listener again to go on"));
                    return;
                }
                read(text);
                loop.runOnContext(none -> write(text.toString()));
            } catch (ProblemException e) {
                loop.runOnContext(none -> refuse(e.problem()));
            } catch (StoreException e) {
                LOG.debug("listen.postponed account={}", caller.account().id(), e);
                loop.runOnContext(none -> write(""));
            } catch (RuntimeException e) {
                LOG.error("listen.failed account={}", caller.account().id(), e);
                loop.runOnContext(none -> refuse(Problem.internal()));
            }
        }

        private void read(StringBuilder text) {
            if (position == null) {
                position = listeners.latest(caller);
            }
            ListenedEvents group = listeners.next(listener, position);
            if (group.leftOut()) {
                message(text, "left-out", group.next(), Map.of("examined", Position.MOST));
            }
            group.items().forEach(item -> message(text, "request", item.eventId(), item));
            if (!isReady) {
                isReady = true;
                message(text, "ready", group.next(), Map.of());
            }
        }

        private void write(String text) {
            if (response.closed() || response.ended()) {
                return;
            }
            if (!response.headWritten()) {
                response.setChunked(true)
                        .putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
                        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                        .putHeader("X-Accel-Buffering", "no");
            }
            if (!text.isEmpty()) {
                response.write(text);
            }
            if (response.writeQueueFull()) {
                response.drainHandler(drained -> {
                    response.drainHandler(null);
                    later(INTERVAL_MILLIS);
                });
            } else {
                later(INTERVAL_MILLIS);
            }
        }

        private void refuse(Problem problem) {
            if (response.headWritten()) {
                end(problem.detail());
            } else if (!response.closed()) {
                RouterProblems.answer(context, problem);
            }
        }

        private void end(String reason) {
            StringBuilder text = new StringBuilder();
            message(text, "end", "", Map.of("reason", reason));
            if (!response.closed()) {
                response.end(text.toString());
            }
        }
    }

    private static void message(StringBuilder text, String event, String id, Object data) {
        try {
            text.append("event: ").append(event).append('\n');
            if (!id.isEmpty()) {
                text.append("id: ").append(id).append('\n');
            }
            text.append("data: ").append(JSON.writeValueAsString(data)).append("\n\n");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a view is always JSON", e);
        }
    }
}
