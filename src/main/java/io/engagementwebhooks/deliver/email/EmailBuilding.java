package io.engagementwebhooks.deliver.email;

import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.LimitReachedException;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.request.PlannedRequest;
import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.ledger.ExchangeEnd;
import io.engagementwebhooks.webhook.EventCatalog;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.net.URI;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * Step {@code build-email}: the message's body and headers become those of an e-mail, as Camel's mail component takes them. An
 * event that is not the product's own ends the attempt as skipped: the route must not send then. Above the limit of its account
 * it throws {@link LimitReachedException}. Thread-safe.
 */
public final class EmailBuilding implements Processor, PlannedRequest {

    private static final String METHOD = "MAIL";

    private final String from;
    private final EmailLimit limit;

    /** @param server gives the sender's address and the limit */
    public EmailBuilding(MailServer server, Clock clock) {
        this.from = server.from();
        this.limit = new EmailLimit(server.maxPerHour(), clock);
    }

    @Override
    public void process(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        Delivery delivery = context.delivery();
        boolean isTest = context.isTest();
        exchange.getMessage().removeHeaders("*");
        if (!isTest && !delivery.event().isSystemEvent()) {
            DeliveryContext.end(exchange, new Outcome.Skipped(notForEmail(delivery.event())));
            return;
        }
        Email email = isTest ? Email.ofTest(delivery) : Email.of(delivery);
        Map<String, String> headers = headers(delivery, email);
        count(exchange, delivery);
        OutgoingRequest request = OutgoingRequest.email(url(delivery), METHOD, email.text(), context.timing());
        headers.forEach(request::header);
        headers.forEach(exchange.getMessage()::setHeader);
        exchange.getMessage().setBody(email.text());
        context.planned(request);
    }

    /** Counts the message, unless nothing is sent in the end. */
    private void count(Exchange exchange, Delivery delivery) {
        String account = delivery.webhook().account();
        int addresses = target(delivery).to().size();
        limit.acquire(account, addresses).ifPresent(until -> {
            throw new LimitReachedException(
                    "This account has reached its limit of " + limit.most()
                            + " e-mails in an hour (webhooks.mail.max-per-hour); each address counts",
                    until);
        });
        ExchangeEnd.run(exchange, ended -> {
            if (DeliveryContext.outcome(ended) instanceof Outcome.NotSent) {
                limit.release(account, addresses);
            }
        });
    }

    private static String notForEmail(Event event) {
        return "E-mail is for the product's own events, such as webhook.failing, not for " + event.type();
    }

    private Map<String, String> headers(Delivery delivery, Email email) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("From", from);
        headers.put("To", String.join(", ", target(delivery).to()));
        headers.put("Subject", email.subject());
        headers.put("Content-Type", "text/plain; charset=UTF-8");
        // no mailbox answers that its owner is away
        headers.put("Auto-Submitted", "auto-generated");
        return headers;
    }

    private static Target.Email target(Delivery delivery) {
        return (Target.Email) delivery.webhook().delivery().target();
    }

    private static URI url(Delivery delivery) {
        return target(delivery).url();
    }

    @Override
    public String type() {
        return Target.Email.DESTINATION;
    }

    @Override
    public Map<String, Object> of(Delivery delivery) {
        Event event = delivery.event();
        if (!event.isSystemEvent() && !EventCatalog.isProductSample(event.source(), event.type())) {
            throw new BodyFault(notForEmail(event) + ", so it would be skipped");
        }
        Email email = Email.of(delivery);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("method", METHOD);
        view.put("url", url(delivery).toString());
        view.put("headers", headers(delivery, email));
        view.put("body", email.text());
        view.put("bodyCut", false);
        return view;
    }
}
