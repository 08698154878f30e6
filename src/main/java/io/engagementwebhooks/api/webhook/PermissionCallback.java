package io.engagementwebhooks.api.webhook;

import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.deliver.receiver.PermissionRequest;
import io.engagementwebhooks.outbox.Outbox;
import io.engagementwebhooks.server.HttpCall;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.outcome.Permissions;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * {@code GET} and {@code POST /v1/validations/{token}}: a receiver permits requests after it was asked. It needs no key:
 * only the receiver has the token (semantics 47). Thread-safe.
 */
public record PermissionCallback(Permissions permissions, Outbox outbox, Supplier<Config> config, Clock clock)
        implements Processor {

    @Override
    public void process(Exchange exchange) {
        ApiRequest request = new ApiRequest(null, HttpCall.of(exchange));
        Optional<Integer> rate =
                request.call().headers().getOrDefault(PermissionRequest.ALLOWED_RATE, List.of()).stream()
                        .findFirst()
                        .flatMap(PermissionRequest::rate);
        WebhookId webhook = permissions
                .grant(request.resource(), rate.orElse(null), clock.instant())
                .flatMap(id -> config.get().webhook(id))
                .map(Webhook::id)
                .orElseThrow(
                        () -> new ProblemException(Problem.notFound("no receiver waits for this token: a token works"
                                + " once, and ends when the receiver is asked again; use that of the last request")));
        outbox.permitted(webhook, rate.map(RateLimit::ofMinute).orElse(null));
        Message message = exchange.getMessage();
        message.removeHeaders("*");
        message.setHeader(Exchange.CONTENT_TYPE, "application/json");
        message.setBody(Map.of("granted", true));
    }
}
