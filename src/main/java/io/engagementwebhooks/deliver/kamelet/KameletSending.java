package io.engagementwebhooks.deliver.kamelet;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.FencingCheck;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.request.PlannedRequest;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.deliver.step.StepThreads;
import io.engagementwebhooks.webhook.Target;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.AsyncCallback;
import org.apache.camel.AsyncProcessor;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.support.AsyncProcessorConverterHelper;
import org.apache.camel.support.AsyncProcessorSupport;

/**
 * Step {@code send-to-kamelet}: sends the webhook's body through its Kamelet, on step threads. Without an exception it is
 * delivered (semantics 50). Thread-safe.
 */
public final class KameletSending extends AsyncProcessorSupport implements PlannedRequest, AutoCloseable {

    private static final StepThreads.Step STEP = new StepThreads.Step("deliver-kamelet", "send-to-kamelet", true);
    private static final String METHOD = "SEND";

    /** Attributes of the event that become headers. The Kamelets of Kafka make the last one the key of the record. */
    private static final Map<String, String> ATTRIBUTES = Map.of(
            "id", "ce-id",
            "source", "ce-source",
            "type", "ce-type",
            "subject", "ce-subject",
            "time", "ce-time",
            "partitionkey", "ce-key");

    private static final int LONGEST_NOTE = 200;
    private static final int LONGEST_READ = 8 << 10;

    private final Kamelets kamelets;
    private final RequestBuilding requests;
    private final StepThreads steps;
    private final FencingCheck fencingCheck;
    private final KameletInstances instances;
    private final AsyncProcessor sending = AsyncProcessorConverterHelper.convert(this::send);

    /** @param quietly runs the start of a Kamelet without log lines, which hold the values of options */
    public KameletSending(
            Kamelets kamelets,
            RequestBuilding requests,
            StepThreads steps,
            FencingCheck fencingCheck,
            Function<Supplier<CamelContext>, CamelContext> quietly) {
        instances = new KameletInstances(System::nanoTime, quietly);
        this.kamelets = kamelets;
        this.requests = requests;
        this.steps = steps;
        this.fencingCheck = fencingCheck;
    }

    /** Step {@code build-kamelet-message}: plans the message and puts its body on the exchange. */
    public void build(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        Delivery delivery = context.delivery();
        OutgoingRequest message =
                message(delivery, requests.request(exchange, target(delivery).message()));
        context.planned(message);
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(message.body());
    }

    private static OutgoingRequest message(Delivery delivery, OutgoingRequest http) {
        OutgoingRequest message = OutgoingRequest.measured(
                http.account(), http.url(), METHOD, http.body(), http.deadline(), http.timing());
        http.forEachHeader(message::header);
        JsonNode event = delivery.event().tree();
        ATTRIBUTES.forEach((name, header) -> {
            if (event.hasNonNull(name)) {
                message.header(header, oneLine(event.path(name).asText()));
            }
        });
        return message;
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ");
    }

    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        return steps.process(STEP, sending, exchange, callback);
    }

    private void send(Exchange exchange) {
        DeliveryContext context = DeliveryContext.of(exchange);
        Target.Kamelet target = target(context.delivery());
        Kamelets.Allowed allowed = kamelets.allowed(target);
        OutgoingRequest message = context.request();
        Duration timeout = context.delivery().webhook().delivery().timeout();
        Exchange sent = instances.use(target, allowed, timeout, instance -> {
            fencingCheck.check(exchange);
            context.sent();
            return instance.send(made -> {
                made.getMessage().setBody(message.body());
                message.forEachHeader(made.getMessage()::setHeader);
            });
        });
        if (sent.getException() != null) {
            throw new KameletFault(target.name(), allowed.redactor(target.properties()), sent.getException(), false);
        }
        // masked first: a part of a secret is not recognized
        String answer = oneLine(allowed.redactor(target.properties()).redact(answer(sent.getMessage(), message.body())))
                .strip();
        DeliveryContext.endWithDelivery(
                exchange, new Outcome.Delivered(answer.substring(0, Math.min(answer.length(), LONGEST_NOTE))));
    }

    /** The start of what the Kamelet returned as a text; empty if it returned none, or the body that it got. */
    private static String answer(Message message, byte[] sent) {
        if (message.getBody() == null || message.getBody() == sent) {
            return "";
        }
        try (InputStream body = message.getBody(InputStream.class)) {
            return body == null
                    ? String.valueOf(message.getBody(String.class))
                    : new String(body.readNBytes(LONGEST_READ), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static Target.Kamelet target(Delivery delivery) {
        return (Target.Kamelet) delivery.webhook().delivery().target();
    }

    @Override
    public String type() {
        return Target.Kamelet.DESTINATION;
    }

    @Override
    public Map<String, Object> of(Delivery delivery) {
        OutgoingRequest message =
                message(delivery, requests.request(delivery, target(delivery).message()));
        Map<String, String> headers = new LinkedHashMap<>();
        message.forEachHeader(headers::put);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("method", METHOD);
        view.put("url", message.url().toString());
        view.put("headers", headers);
        view.put("body", new String(message.body(), StandardCharsets.UTF_8));
        view.put("bodyCut", false);
        return view;
    }

    /** Stops Kamelets that are idle or hang. It may block; call it once a second. */
    public void stopUnused() {
        instances.stopUnused();
    }

    @Override
    public void close() {
        instances.close();
    }
}
