package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.JsonNode;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.OutgoingRequest;
import io.engagementwebhooks.deliver.RequestBuilding;
import io.engagementwebhooks.deliver.ShownRequest;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.BodyFault;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the attempts of a delivery sent. A body that was not kept is made anew from the event by the webhook as it is now, and
 * shown only if its hash is that of what was sent. Thread-safe.
 */
final class SentRequests {

    private final Store store;
    private final Supplier<Config> config;
    private final RequestBuilding requests;
    private final Ledger ledger;

    SentRequests(Store store, Supplier<Config> config, RequestBuilding requests, Ledger ledger) {
        this.ledger = ledger;
        this.store = store;
        this.config = config;
        this.requests = requests;
    }

    /** A body that is known. @param hash of what is sent; {@code shown} may have secrets masked */
    private record CachedBody(String hash, byte[] shown) {}

    /** What each attempt sent, in their order; null: it is not known. */
    List<Map<String, Object>> of(String account, String delivery, List<AttemptRow> attempts) {
        boolean isAnyWanted =
                attempts.stream().anyMatch(attempt -> attempt.request() != null && attempt.requestBody() == null);
        Optional<CachedBody> anew =
                isAnyWanted ? store.deliveries().kept(account, delivery).flatMap(this::anew) : Optional.empty();
        return attempts.stream().map(attempt -> view(attempt, anew)).toList();
    }

    @SuppressWarnings("try")
    private Optional<CachedBody> anew(DueDelivery row) {
        Webhook webhook = config.get().webhook(row.webhook()).orElse(null);
        Target.Http target =
                webhook == null ? null : http(webhook.delivery().target()).orElse(null);
        if (target == null) {
            return Optional.empty();
        }
        try (Evaluation evaluation = Evaluation.begin(ledger.of(webhook.account()))) {
            OutgoingRequest request = requests.request(
                    new Delivery(row.id(), webhook, row.event(), row.later(), row.attempts(), row.startedAt()), target);
            return Optional.of(new CachedBody(AttemptRow.hash(request.body()), ShownRequest.body(request)));
        } catch (BodyFault e) {
            return Optional.empty();
        } finally {
            row.event().dropLargeTree();
        }
    }

    /** Where a body is made of the event and nothing else, whoever sends it. */
    private static Optional<Target.Http> http(Target target) {
        if (target instanceof Target.OwnRequest own) {
            return Optional.of(own.request());
        }
        return target instanceof Target.Http http ? Optional.of(http) : Optional.empty();
    }

    private static Map<String, Object> view(AttemptRow attempt, Optional<CachedBody> anew) {
        if (attempt.request() == null) {
            return null;
        }
        JsonNode head = DeliveryView.parsed(attempt.request());
        Map<String, Object> view = new LinkedHashMap<>();
        for (String member : List.of("method", "url", "headers", "bytes")) {
            view.put(member, head.path(member));
        }
        byte[] body = attempt.requestBody();
        String from = "kept";
        if (body == null) {
            Optional<CachedBody> same =
                    anew.filter(known -> known.hash().equals(head.path("hash").asText()));
            body = same.map(CachedBody::shown).orElse(null);
            from = same.isPresent() ? "rebuilt" : "unknown";
        }
        view.put("bodyFrom", from);
        view.put("bodyCut", body != null && head.path("bytes").asInt() > AttemptRow.KEPT_BYTES);
        if (body != null) {
            DeliveryView.putBody(
                    view, body.length > AttemptRow.KEPT_BYTES ? Arrays.copyOf(body, AttemptRow.KEPT_BYTES) : body);
        }
        return view;
    }
}
