package io.engagementwebhooks.api.inbox;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.api.Answered;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.ListView;
import io.engagementwebhooks.api.definition.Definitions;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.config.schema.FieldFault;
import io.engagementwebhooks.deliver.request.SignatureJudging;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.webhook.Account;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Durations;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.signing.CustomSignature;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/** {@code /v1/inboxes}: creates, shows, changes and clears test inboxes. Thread-safe. */
public record InboxApi(InboxAddresses addresses, Inboxes inboxes, Supplier<Config> config, Clock clock) {

    private static final int LEAST_STATUS = 200;
    private static final int MOST_STATUS = 599;
    private static final Duration LONGEST_DELAY = Duration.ofSeconds(30);

    /** {@code POST /v1/inboxes}. */
    public Processor create() {
        return ApiStep.ok(request -> {
            if (!addresses.isOn()) {
                throw new ProblemException(Problem.notFound("this installation has no test inboxes; its operator sets"
                        + " webhooks.inbox.url to have them"));
            }
            String id = addresses.newId(request.account());
            Inbox created = inboxes.change(request.account(), id, inbox -> inbox);
            return new Answered(201, Map.of("Location", request.call().path() + "/" + id), view(created, null));
        });
    }

    /** {@code GET /v1/inboxes}: those used in the last 24 hours, the one used last first. */
    public Processor list() {
        return ApiStep.ok(request -> {
            List<Inbox> all = new ArrayList<>(inboxes.all(request.account()));
            Collections.reverse(all);
            return new ListView<>(all.stream().map(inbox -> view(inbox, null)).toList(), null);
        });
    }

    /** {@code GET /v1/inboxes/{id}}, with its requests. */
    public Processor one() {
        return ApiStep.ok(request -> whole(request, inboxes.of(request.account(), id(request))));
    }

    /** {@code PATCH /v1/inboxes/{id}}: sets the response. */
    public Processor change() {
        return ApiStep.ok(request -> {
            String id = id(request);
            JsonNode body = request.body(Set.of("status", "delay"));
            List<FieldFault> faults = new ArrayList<>();
            int status = status(body.path("status"), faults);
            Duration delay = delay(body.path("delay"), faults);
            if (!faults.isEmpty()) {
                throw Definitions.invalid(faults);
            }
            return whole(
                    request,
                    inboxes.change(
                            request.account(),
                            id,
                            inbox -> inbox.answering(
                                    body.has("status") ? status : inbox.status(),
                                    body.has("delay") ? delay : inbox.delay(),
                                    clock.instant())));
        });
    }

    /** {@code DELETE /v1/inboxes/{id}}: forgets what it received; its address stays. */
    public Processor clear() {
        return ApiStep.ok(request -> {
            inboxes.clear(request.account(), id(request));
            return Answered.nothing();
        });
    }

    /** The inbox in the path. @throws ProblemException 404 if it is not one of the caller's account */
    private String id(ApiRequest request) {
        String id = request.resource();
        return addresses
                .account(id)
                .filter(request.account()::equals)
                .map(account -> id)
                .orElseThrow(() -> new ProblemException(Problem.notFound("this account has no test inbox of that id")));
    }

    private static int status(JsonNode given, List<FieldFault> faults) {
        boolean isStatus = given.canConvertToInt() && given.isIntegralNumber();
        if (isStatus && given.intValue() >= LEAST_STATUS && given.intValue() <= MOST_STATUS) {
            return given.intValue();
        }
        if (!given.isMissingNode()) {
            faults.add(new FieldFault(
                    "/status",
                    "'status' must be a number from " + LEAST_STATUS + " to " + MOST_STATUS,
                    "write 204, 410 or 503"));
        }
        return 0;
    }

    private static Duration delay(JsonNode given, List<FieldFault> faults) {
        try {
            Duration delay = Durations.parse(given.asText());
            if (given.isTextual() && delay.compareTo(LONGEST_DELAY) <= 0) {
                return delay;
            }
        } catch (IllegalArgumentException e) {
            // reported below
        }
        if (!given.isMissingNode()) {
            faults.add(new FieldFault(
                    "/delay", "'delay' must be a duration of at most " + Durations.text(LONGEST_DELAY), "write 2s"));
        }
        return Duration.ZERO;
    }

    private InboxView whole(ApiRequest request, Inbox inbox) {
        List<SigningKey> keys = config.get()
                .account(request.account())
                .map(Account::signingKeys)
                .orElse(List.of());
        List<CustomSignature> customs = customs(request.account(), inbox);
        return view(
                inbox,
                inbox.requests().stream()
                        .map(received -> view(request.account(), keys, customs, received))
                        .toList());
    }

    /** Of the webhooks that send to the inbox. */
    private List<CustomSignature> customs(String account, Inbox inbox) {
        URI url = URI.create(addresses.url(InboxAddresses.path(inbox.id())));
        return config.get().webhooks(account).stream()
                .map(webhook -> webhook.delivery().target())
                .filter(target ->
                        target instanceof Target.Http http && http.url().equals(url))
                .flatMap(target -> target.signing().custom().stream())
                .toList();
    }

    private InboxView.Request view(
            String account, List<SigningKey> keys, List<CustomSignature> customs, ReceivedRequest received) {
        SignatureJudging.Verdict verdict = SignatureJudging.judge(
                account,
                keys,
                customs,
                received.method(),
                URI.create(addresses.url(received.target())),
                received.headers(),
                received.body(),
                received.at());
        return new InboxView.Request(
                DeliveryView.text(received.at()),
                received.method(),
                received.target(),
                received.headers(),
                new String(received.body(), StandardCharsets.UTF_8),
                new InboxView.Signature(verdict.valid(), verdict.reason()));
    }

    private InboxView view(Inbox inbox, List<InboxView.Request> requests) {
        return new InboxView(
                inbox.id(),
                addresses.url(InboxAddresses.path(inbox.id())),
                inbox.status(),
                Durations.text(inbox.delay()),
                inbox.requests().size(),
                requests);
    }
}
