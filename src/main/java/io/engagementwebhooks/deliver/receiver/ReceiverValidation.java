package io.engagementwebhooks.deliver.receiver;

import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.judge.NothingSentException;
import io.engagementwebhooks.deliver.request.OutgoingRequest;
import io.engagementwebhooks.deliver.step.ContinuationExecutor;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.ledger.Causes;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.outcome.Permission;
import io.engagementwebhooks.store.outcome.Permissions;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Lets deliveries wait for the permission of their receivers, as HTTP 1.1 Web Hooks for Event Delivery 1.0.2 of
 * CloudEvents defines it (semantics 47). A grant holds for 24 hours; without one the receiver is asked again by the
 * gaps of the webhook's retry schedule. Deliveries that need it at the same time share one request. Thread-safe.
 */
public final class ReceiverValidation {

    /** Retry delay of deliveries while the store cannot be used. */
    private static final Duration WITHOUT_STORE = Duration.ofSeconds(1);

    private final PermissionRequest request;
    private final Permissions permissions;
    private final BiConsumer<WebhookId, RateLimit> granted;
    private final Function<String, Executor> threads;
    private final Clock clock;

    /** Those that deliveries of this process use; each ends by its time. */
    private final Map<WebhookId, Permission> grants = new ConcurrentHashMap<>();

    private final Map<Asked, CompletableFuture<Permission>> asked = new ConcurrentHashMap<>();

    private record Asked(WebhookId webhook, String url) {}

    /**
     * @param granted is called with each grant before a delivery uses it; the rate is null if any is permitted
     * @param threads use the store, by account
     */
    public ReceiverValidation(
            PermissionRequest request,
            Permissions permissions,
            BiConsumer<WebhookId, RateLimit> granted,
            BiConsumer<String, Runnable> threads,
            Clock clock) {
        this.request = request;
        this.permissions = permissions;
        this.granted = granted;
        this.threads = account -> new ContinuationExecutor(task -> threads.accept(account, task));
        this.clock = clock;
    }

    /** How receivers know this installation. */
    String origin() {
        return request.origin();
    }

    /**
     * Completes once the receiver of a request has permitted it. Fails with a {@link NothingSentException} that says what
     * the receiver answered, and until when it is not asked. A test asks always; a refusal that it gets is not kept.
     */
    CompletableFuture<Void> permitted(DeliveryContext context, OutgoingRequest delivery) {
        Webhook webhook = context.delivery().webhook();
        String url = Sha256.hex(delivery.url().toString());
        if (context.isTrial()) {
            return tested(webhook, delivery, url).thenAccept(ReceiverValidation::check);
        }
        Permission grant = grants.get(webhook.id());
        return grant != null && grant.holds(url, clock.instant())
                ? CompletableFuture.completedFuture(null)
                : shared(webhook, delivery, url).thenAccept(ReceiverValidation::check);
    }

    private static void check(Permission permission) {
        if (!permission.granted()) {
            throw new NothingSentException(permission.reason(), Instant.ofEpochMilli(permission.until()));
        }
    }

    private CompletableFuture<Permission> shared(Webhook webhook, OutgoingRequest delivery, String url) {
        Asked key = new Asked(webhook.id(), url);
        CompletableFuture<Permission> mine = new CompletableFuture<>();
        CompletableFuture<Permission> running = asked.putIfAbsent(key, mine);
        if (running != null) {
            return running;
        }
        inStore(webhook, () -> known(webhook, delivery, url))
                .thenApply(permission -> used(webhook.id(), permission))
                .whenComplete((permission, failure) -> {
                    asked.remove(key);
                    if (failure == null) {
                        mine.complete(permission);
                    } else {
                        mine.completeExceptionally(Causes.unwrapped(failure));
                    }
                });
        return mine;
    }

    /** The rate is known before a delivery uses the grant. */
    private Permission used(WebhookId webhook, Permission permission) {
        if (permission.granted()) {
            granted.accept(webhook, permission.rate() == null ? null : RateLimit.ofMinute(permission.rate()));
            grants.put(webhook, permission);
        }
        return permission;
    }

    private CompletionStage<Permission> known(Webhook webhook, OutgoingRequest delivery, String url) {
        Optional<Permission> known = permissions.of(webhook.id()).filter(each -> each.holds(url, clock.instant()));
        if (known.isPresent()) {
            return CompletableFuture.completedFuture(known.get());
        }
        String token = request.newToken();
        Permission question = permissions.ask(webhook.id(), url, token);
        return request.send(webhook, delivery, question, token)
                .thenCompose(answer -> stored(webhook, question, answer));
    }

    private CompletionStage<Permission> stored(Webhook webhook, Permission question, Permission answer) {
        return inStore(
                webhook, () -> CompletableFuture.completedFuture(permissions.answered(webhook.id(), question, answer)));
    }

    /** A grant helps the deliveries that wait for it; without a row there are none. The receiver gets no token. */
    private CompletableFuture<Permission> tested(Webhook webhook, OutgoingRequest delivery, String url) {
        return inStore(webhook, () -> {
            Optional<Permission> known =
                    permissions.of(webhook.id()).filter(each -> each.url().equals(url));
            Permission question = known.orElseGet(() -> new Permission(url, false, 0, 0, null, null, null));
            return request.send(webhook, delivery, question, null)
                    .thenCompose(answer -> known.isEmpty() || !answer.granted()
                            ? CompletableFuture.completedFuture(answer)
                            : stored(webhook, question, used(webhook.id(), answer)));
        });
    }

    private <T> CompletableFuture<T> inStore(Webhook webhook, Supplier<CompletionStage<T>> action) {
        return CompletableFuture.supplyAsync(action, threads.apply(webhook.account()))
                .thenCompose(Function.identity())
                .exceptionally(failure -> {
                    Throwable cause = Causes.unwrapped(failure);
                    throw new CompletionException(
                            cause instanceof StoreException
                                    ? new NothingSentException(
                                            "The permission of the receiver cannot be read from the store or written to it",
                                            clock.instant().plus(WITHOUT_STORE),
                                            cause)
                                    : cause);
                });
    }

    /** Forgets the permissions of former URLs, so that the deliveries that wait for them are due. */
    public void changed(Config before, Config now) {
        before.webhooks().stream()
                .filter(former -> former.delivery().validated()
                        && !now.webhook(former.id())
                                .map(webhook -> isSameReceiver(former, webhook))
                                .orElse(false))
                .map(Webhook::id)
                .forEach(webhook -> {
                    grants.remove(webhook);
                    permissions.remove(webhook);
                    granted.accept(webhook, null);
                });
    }

    private static boolean isSameReceiver(Webhook one, Webhook other) {
        return other.delivery().validated()
                && one.delivery().target() instanceof Target.Http first
                && other.delivery().target() instanceof Target.Http second
                && first.url().equals(second.url());
    }
}
