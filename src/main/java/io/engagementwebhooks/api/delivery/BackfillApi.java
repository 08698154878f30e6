package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.api.Answered;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.definition.DefinitionService;
import io.engagementwebhooks.outbox.Backfill;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.query.ReplayJob;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Webhook;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.camel.Processor;

/**
 * Backfills: stored events for a webhook that has no delivery of them (semantics 45). Thread-safe.
 *
 * @param runs stores them as jobs
 * @param editing reads a definition that is not saved yet
 * @param counting limit of counts at a time
 */
public record BackfillApi(
        ReplayApi runs,
        DefinitionService editing,
        Supplier<Config> config,
        Backfill backfill,
        ConcurrencyLimit counting,
        Clock clock) {

    private static final String DEFINITION = "definition";
    private static final Set<String> MEMBERS = Set.of("from", "to", "perSecond", "dryRun", DEFINITION);

    /** After it the count is a minimum. */
    private static final Duration LONGEST_COUNT = Duration.ofSeconds(10);

    /** {@code POST /v1/webhooks/{name}/backfill}: counts or starts a backfill. */
    public Processor start() {
        return ApiStep.accepted(request -> {
            RunBody body = new RunBody(request.body(MEMBERS));
            Webhook webhook = webhook(request, body.object(DEFINITION));
            Instant now = clock.instant();
            Instant from = body.time("from");
            Instant to = body.timeAfter("to", from);
            if (from == null || !from.isBefore(now)) {
                body.fault("from", "is missing, or not in the past", "give the time since which events are delivered");
            }
            boolean dryRun = body.flag("dryRun");
            if (body.has(DEFINITION) && !(dryRun && body.object(DEFINITION) != null)) {
                body.fault(
                        DEFINITION,
                        "is no object, or is not counted only",
                        "give it with 'dryRun': true, or save it first");
            }
            int perSecond = body.pace();
            body.check();
            Backfill.Count count = counting.run(
                    request.account(), () -> count(webhook, from, to == null || to.isAfter(now) ? now : to));
            if (dryRun) {
                return new Answered(200, Map.of(), view(null, count));
            }
            ReplayJob job = runs.started(
                    request,
                    ReplayApi.BACKFILL,
                    webhook.name(),
                    ReplayJob.backfill(
                            ReplayApi.newId(now),
                            webhook.id(),
                            from,
                            to,
                            perSecond,
                            request.caller().key().name(),
                            now,
                            count.events()));
            return view(ReplayView.PREFIX + job.id(), count);
        });
    }

    private Backfill.Count count(Webhook webhook, Instant from, Instant to) {
        Instant end = clock.instant().plus(LONGEST_COUNT);
        return backfill.count(webhook, from, to, () -> clock.instant().isBefore(end));
    }

    private static BackfillView view(String id, Backfill.Count count) {
        return new BackfillView(id, count.events(), count.expired(), count.isExact());
    }

    /** @param definition of a webhook that is not saved, or null */
    private Webhook webhook(ApiRequest request, ObjectNode definition) {
        return definition != null
                ? editing.draft(request, request.resource(), definition)
                : config.get()
                        .webhook(request.account(), request.resource())
                        .orElseThrow(() -> new ProblemException(
                                Problem.notFound("this account has no webhook of that name or id")));
    }
}
