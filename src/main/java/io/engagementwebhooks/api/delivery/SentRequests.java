package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.core.type.TypeReference;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.request.RequestBuilding;
import io.engagementwebhooks.deliver.request.ShownRequest;
import io.engagementwebhooks.ledger.Evaluation;
import io.engagementwebhooks.ledger.Ledger;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.template.BodyFault;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Restores what the attempts of a delivery sent. A body that was not stored is built again from the event with the
 * current definition, and shown only if its hash is that of the sent body. Thread-safe.
 */
public record SentRequests(Store store, Supplier<Config> config, RequestBuilding requests, Ledger ledger) {

    /** A restored body. @param hash of the sent body; {@code shown} may have masked secrets */
    private record CachedBody(String hash, byte[] shown) {}

    /** What each attempt sent, in their order; null: unknown. */
    List<SentRequestView> of(String account, String delivery, List<AttemptRow> attempts) {
        boolean isAnyWanted =
                attempts.stream().anyMatch(attempt -> attempt.request() != null && attempt.requestBody() == null);
        Optional<CachedBody> rebuilt = isAnyWanted
                ? store.deliveries().withPayload(account, delivery).flatMap(this::rebuilt)
                : Optional.empty();
        return attempts.stream().map(attempt -> view(attempt, rebuilt)).toList();
    }

    @SuppressWarnings("try")
    private Optional<CachedBody> rebuilt(DueDelivery row) {
        Webhook webhook = config.get().webhook(row.webhook()).orElse(null);
        Target.Http target =
                webhook == null ? null : http(webhook.delivery().target()).orElse(null);
        if (target == null) {
            return Optional.empty();
        }
        try (Evaluation evaluation = Evaluation.begin(ledger.of(webhook.account()))) {
            OutgoingRequest request = requests.request(
                    new Delivery(row.id(), webhook, row.event(), row.laterEvent(), row.attempts(), row.startedAt()),
                    target);
            return Optional.of(new CachedBody(AttemptRow.hash(request.body()), ShownRequest.body(request)));
        } catch (BodyFault e) {
            return Optional.empty();
        } finally {
            row.event().dropLargeTree();
        }
    }

    /** A target whose body depends on the event alone, not on the request. */
    private static Optional<Target.Http> http(Target target) {
        if (target instanceof Target.OwnRequest own) {
            return Optional.of(own.request());
        }
        if (target instanceof Target.Kamelet kamelet) {
            return Optional.of(kamelet.message());
        }
        return target instanceof Target.Http http ? Optional.of(http) : Optional.empty();
    }

    private static SentRequestView view(AttemptRow attempt, Optional<CachedBody> rebuilt) {
        if (attempt.request() == null) {
            return null;
        }
        Head head = DeliveryView.read(attempt.request(), new TypeReference<>() {});
        byte[] body = attempt.requestBody();
        String from = "kept";
        if (body == null) {
            Optional<CachedBody> same = rebuilt.filter(known -> known.hash().equals(head.hash()));
            body = same.map(CachedBody::shown).orElse(null);
            from = same.isPresent() ? "rebuilt" : "unknown";
        }
        boolean isCut = body != null && head.bytes() > AttemptRow.MAX_BODY_BYTES;
        byte[] shown = body != null && body.length > AttemptRow.MAX_BODY_BYTES
                ? Arrays.copyOf(body, AttemptRow.MAX_BODY_BYTES)
                : body;
        Optional<String> text = shown == null ? Optional.empty() : DeliveryView.utf8(shown);
        return new SentRequestView(
                head.method(),
                head.url(),
                head.headers(),
                head.bytes(),
                from,
                isCut,
                text.orElse(null),
                shown == null || text.isPresent() ? null : DeliveryView.base64(shown));
    }

    /** The stored head of a request. */
    private record Head(String method, String url, Map<String, String> headers, long bytes, String hash) {}
}
