package io.engagementwebhooks.testkit;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.EventTypes;
import io.engagementwebhooks.webhook.RetrySchedule;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.Template;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A delivery of a call event to an HTTP receiver, for tests; what a test is about is replaced. Immutable.
 *
 * @param webhook the webhook's name
 * @param url the receiver
 * @param body what is sent
 * @param authentication how it is authenticated
 * @param timeout of an attempt
 * @param succeedOn statuses that count as delivered
 * @param giveUpOn statuses after which it gives up
 * @param acceptedAt when it was stored; it lives seven days
 * @param signing how it is signed
 */
public record SampleDelivery(
        String webhook,
        URI url,
        Body body,
        Authentication authentication,
        Duration timeout,
        Set<Integer> succeedOn,
        Set<Integer> giveUpOn,
        Instant acceptedAt,
        Signing signing) {

    /** The account of the webhook. */
    public static final String ACCOUNT = "acme";

    /** The document of its event. */
    public static final String DOCUMENT =
            """
            {"specversion":"1.0","id":"e1","source":"/calls","type":"call.ended","data":{"cdr_id":7,"duration":1.50}}""";

    public SampleDelivery(URI url) {
        this(
                "calls",
                url,
                new Body.WholeEvent(),
                new Authentication.None(),
                Duration.ofSeconds(30),
                Set.of(),
                Set.of(),
                Instant.now(),
                Signing.NONE);
    }

    public SampleDelivery named(String name) {
        return new SampleDelivery(name, url, body, authentication, timeout, succeedOn, giveUpOn, acceptedAt, signing);
    }

    public SampleDelivery with(Authentication other) {
        return new SampleDelivery(webhook, url, body, other, timeout, succeedOn, giveUpOn, acceptedAt, signing);
    }

    public SampleDelivery sending(Body other) {
        return new SampleDelivery(
                webhook, url, other, authentication, timeout, succeedOn, giveUpOn, acceptedAt, signing);
    }

    public SampleDelivery within(Duration other) {
        return new SampleDelivery(webhook, url, body, authentication, other, succeedOn, giveUpOn, acceptedAt, signing);
    }

    public SampleDelivery succeedingOn(Integer... statuses) {
        return new SampleDelivery(
                webhook, url, body, authentication, timeout, Set.of(statuses), giveUpOn, acceptedAt, signing);
    }

    public SampleDelivery givingUpOn(Integer... statuses) {
        return new SampleDelivery(
                webhook, url, body, authentication, timeout, succeedOn, Set.of(statuses), acceptedAt, signing);
    }

    public SampleDelivery acceptedAt(Instant other) {
        return new SampleDelivery(webhook, url, body, authentication, timeout, succeedOn, giveUpOn, other, signing);
    }

    public SampleDelivery signed(Signing other) {
        return new SampleDelivery(webhook, url, body, authentication, timeout, succeedOn, giveUpOn, acceptedAt, other);
    }

    /** The delivery of its event. */
    public Delivery delivery() {
        return delivery(Map.of(), null);
    }

    /** The delivery of its event, completed by a later one of this document. */
    public Delivery delivery(String laterDocument) {
        return delivery(Map.of(), event("e2", laterDocument));
    }

    /** The delivery of its event by a webhook with its own headers. */
    public Delivery delivery(Map<String, Template> headers) {
        return delivery(headers, null);
    }

    private Delivery delivery(Map<String, Template> headers, Event later) {
        Event event = event("e1", DOCUMENT);
        return new Delivery("01JD0000000000000000000000", definition(headers), event, later, 1, acceptedAt);
    }

    private Webhook definition(Map<String, Template> headers) {
        Target target = new Target.Http(url, "POST", body, headers, signing);
        return new Webhook(
                Ids.webhook(ACCOUNT, webhook),
                new EventTypes(List.of("*")),
                Optional.empty(),
                new DeliveryMethod(
                        target,
                        authentication,
                        timeout,
                        succeedOn,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                RetrySchedule.STANDARD,
                Duration.ofDays(7),
                giveUpOn);
    }

    private static Event event(String id, String document) {
        return new Event(
                new EventIdentity(ACCOUNT, "/calls", id),
                "call.ended",
                null,
                null,
                document.getBytes(StandardCharsets.UTF_8),
                new byte[32]);
    }
}
