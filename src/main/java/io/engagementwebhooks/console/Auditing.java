package io.engagementwebhooks.console;

import io.engagementwebhooks.store.AuditEntry;
import io.engagementwebhooks.store.AuditTrail;
import java.time.Clock;
import org.apache.camel.Processor;

/** Records who changed what and when, never a value. Thread-safe. */
final class Auditing {

    private final AuditTrail trail;
    private final Clock clock;

    Auditing(AuditTrail trail, Clock clock) {
        this.trail = trail;
        this.clock = clock;
    }

    /** An entry to commit together with the change. @param detail details, or null */
    AuditEntry entry(ApiRequest request, String action, String kind, String name, String detail) {
        return entry(request.account(), request, action, kind, name, detail);
    }

    private AuditEntry entry(
            String account, ApiRequest request, String action, String kind, String name, String detail) {
        return new AuditEntry(account, clock.instant(), request.caller().key().name(), action, kind, name, detail);
    }

    /** Writes an entry; returns after the commit. */
    void note(ApiRequest request, String action, String kind, String name, String detail) {
        note(request.account(), request, action, kind, name, detail);
    }

    /** As above. @param account the account, if the operator acts */
    void note(String account, ApiRequest request, String action, String kind, String name, String detail) {
        trail.append(entry(account, request, action, kind, name, detail))
                .toCompletableFuture()
                .join();
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
                    Auditing::view);
        });
    }

    private static AuditView view(AuditEntry entry) {
        return new AuditView(
                DeliveryView.text(entry.at()),
                entry.actor(),
                entry.action(),
                entry.kind(),
                entry.name(),
                entry.detail());
    }
}
