package io.engagementwebhooks.api.listen;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.deliver.ShownAttempt;
import io.engagementwebhooks.deliver.egress.AnswerHeaders;
import io.engagementwebhooks.deliver.judge.Answer;
import io.engagementwebhooks.deliver.judge.AnswerJudging;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ingest.Admission;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.outcome.TestedDelivery;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.camel.Processor;

/**
 * {@code /v1/listen}: the requests for a listener, and its responses, which are recorded as tests. Thread-safe.
 *
 * @param admission whether tests are recorded now
 * @param ledger memory for requests
 */
public record ListenApi(Listeners listeners, Store store, Admission admission, Ledger ledger, Clock clock) {

    private static final Set<String> MEMBERS = Set.of("status", "headers", "body", "ms", "error");
    private static final int LONGEST_ERROR = 200;

    /** How a response was recorded. @param delivery its id @param reason why it failed, or null */
    record Recorded(String delivery, String outcome, String reason) {}

    /** {@code GET /v1/listen}: the requests of the events after one. */
    public Processor poll() {
        return ApiStep.ok(request -> {
            Parameters given = Listeners.parameters(request.call().query());
            Listener listener = listeners.listener(request.caller(), given);
            listeners.check(request.caller());
            return listeners.next(listener, Listeners.after(given.text(Listeners.AFTER)));
        });
    }

    /** {@code POST /v1/listen/{id}}: records the response to a request, once. */
    public Processor record() {
        return ApiStep.ok(request -> {
            JsonNode body = request.body(MEMBERS);
            Ticket ticket = listeners.ticket(request.account(), request.resource());
            listeners.check(request.caller());
            Answer answer = answer(body);
            admission.check(request.account());
            TestedDelivery test = test(request, ticket, body, answer);
            if (store.deliveries()
                    .delivery(request.account(), ticket.delivery())
                    .isEmpty()) {
                store.outcomes().recordTest(test).toCompletableFuture().join();
            }
            return new Recorded(
                    DeliveryView.PREFIX + test.id(),
                    test.state() == DeliveryState.DELIVERED ? "delivered" : "failed",
                    test.reason());
        });
    }

    private static ProblemException gone(String why) {
        return new ProblemException(Problem.notFound(why));
    }

    @SuppressWarnings("try")
    private TestedDelivery test(ApiRequest request, Ticket ticket, JsonNode body, Answer answer) {
        Listener listener = listeners.listener(request.caller(), ticket);
        Event event = store.events()
                .event(request.account(), ticket.event())
                .orElseThrow(() -> gone("the payload of the event is no longer stored"));
        Instant at = Instant.ofEpochMilli(ticket.at());
        try (Evaluation evaluation = Evaluation.begin(ledger.of(request.account()))) {
            Outcome outcome = answer == null
                    ? Outcome.TryLater.bySchedule("The listener got no response from " + ticket.to() + ": "
                            + Parameters.shortened(body.path("error").asText()))
                    : new AnswerJudging(clock).judge(answer, "", listener.delivery(ticket.delivery(), event, at), true);
            DeliveryState state =
                    outcome instanceof Outcome.Delivered ? DeliveryState.DELIVERED : DeliveryState.GAVE_UP;
            ShownAttempt attempt = new ShownAttempt(
                    at, body.path("ms").asLong(), answer, null, listener.request(ticket.delivery(), event, at));
            return new TestedDelivery(
                    ticket.delivery(),
                    listener.webhook().id(),
                    event,
                    ticket.event(),
                    state,
                    outcome.reason().isEmpty() ? null : outcome.reason(),
                    attempt.row(1, state.text(), outcome.reason()),
                    at);
        } catch (BodyFault e) {
            throw gone("the webhook has changed, and makes no request of this event: " + e.getMessage());
        } finally {
            event.dropLargeTree();
        }
    }

    /** The response in a body, or null: the body says in {@code error} that there is none. */
    private static Answer answer(JsonNode body) {
        boolean isMs = !body.has("ms")
                || body.get("ms").canConvertToInt() && body.get("ms").intValue() >= 0;
        if (!isMs) {
            throw ApiRequest.badBody("'ms' must be a number of milliseconds");
        }
        String error = body.path("error").asText();
        if (!error.isEmpty() && error.length() <= LONGEST_ERROR && !body.has("status")) {
            return null;
        }
        int status = body.path("status").asInt();
        if (status < 100 || status > 999 || body.has("error")) {
            throw ApiRequest.badBody("give the 'status' of the response, or in 'error' why there is none, in at most "
                    + LONGEST_ERROR + " characters");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        body.path("headers")
                .properties()
                .forEach(
                        header -> headers.put(header.getKey(), header.getValue().asText()));
        try {
            byte[] sent = body.path("body").binaryValue();
            byte[] content = sent == null ? new byte[0] : sent;
            return new Answer(
                    status,
                    AnswerHeaders.of(headers.entrySet()),
                    content,
                    content.length > Answer.KEPT_BYTES ? Answer.CUT : "");
        } catch (IOException e) {
            throw ApiRequest.badBody("'body' must be Base64");
        }
    }
}
