package io.engagementwebhooks.api;

import io.engagementwebhooks.api.definition.Definitions;
import io.engagementwebhooks.api.delivery.DeliveryView;
import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.webhook.Actor;
import io.engagementwebhooks.webhook.ResourceKind;
import java.time.Clock;
import org.apache.camel.Processor;

/** The audit log in the API: who changed what and when, never a value. Thread-safe. */
public record AuditLog(DefinitionStore trail, Definitions definitions, Clock clock) {

    /**
     * An entry about a change by the caller, to commit together with the change.
     *
     * @param detail such as the changed fields, or null
     */
    public AuditEntry entry(ApiRequest request, String action, String kind, String name, String detail) {
        return entry(request.account(), request, action, kind, name, detail);
    }

    /** Writes an {@link #entry} in its own transaction; returns after the commit. */
    public void append(ApiRequest request, String action, String kind, String name, String detail) {
        append(request.account(), request, action, kind, name, detail);
    }

    /** Like {@link #append}, about a change by the operator. @param account the changed account */
    public void append(String account, ApiRequest request, String action, String kind, String name, String detail) {
        trail.append(entry(account, request, action, kind, name, detail))
                .toCompletableFuture()
                .join();
    }

    private AuditEntry entry(
            String account, ApiRequest request, String action, String kind, String name, String detail) {
        return new AuditEntry(account, clock.instant(), actor(request), action, kind, name, detail);
    }

    private Actor actor(ApiRequest request) {
        Actor actor = request.caller().key().actor();
        return actor.kind().equals(Actor.API_KEY)
                ? definitions
                        .id(request.account(), ResourceKind.API_KEY, actor.name())
                        .map(id -> new Actor(Actor.API_KEY, id, actor.name()))
                        .orElse(actor)
                : actor;
    }

    /** {@code GET /v1/audit}: newest first. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters(Parameters.LIMIT, Parameters.CURSOR);
            String scope = "audit\n" + request.account();
            long before = given.afterNumber(scope);
            return Page.ofRows(
                    limit -> trail.entries(request.account(), before, limit),
                    given.limit(),
                    scope,
                    entry -> Long.toString(entry.key()),
                    AuditLog::view);
        });
    }

    private static AuditView view(AuditEntry entry) {
        return new AuditView(
                DeliveryView.text(entry.at()),
                entry.actor().name(),
                entry.actor().kind(),
                entry.actor().id(),
                entry.action(),
                entry.kind(),
                entry.name(),
                entry.detail());
    }
}
