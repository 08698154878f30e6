package io.engagementwebhooks.api.delivery;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.api.Answered;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.AuditLog;
import io.engagementwebhooks.api.Page;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.api.webhook.WebhookFinder;
import io.engagementwebhooks.outbox.ReplayRunner;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.definition.AuditEntry;
import io.engagementwebhooks.store.query.DeliveryQuery;
import io.engagementwebhooks.store.query.ReplayJob;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.store.query.ResponseKind;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.camel.Processor;

/**
 * Replays of many deliveries: stored jobs with a rate that can be canceled; also lists those of {@link BackfillApi}. Thread-safe.
 *
 * @param counting limit of counts at a time
 */
public record ReplayApi(
        ReplayJobs jobs,
        WebhookFinder finder,
        ReplayRunner runner,
        AuditLog auditLog,
        ConcurrencyLimit counting,
        Clock clock) {

    private static final String KIND = "replay";
    static final String BACKFILL = "backfill";
    private static final Set<String> MEMBERS = Set.of(
            "webhook",
            "eventType",
            "outcome",
            "status",
            "httpStatus",
            "fault",
            "delivered",
            "from",
            "to",
            "newId",
            "perSecond",
            "dryRun");
    private static final int MOST_RUNNING = 5;

    /** Limit of the count; after it, or after a limited time, the result is a minimum. */
    private static final long MOST_COUNTED = 100_000;

    private static final Duration LONGEST_COUNT = Duration.ofSeconds(2);
    private static final int LOOK = 20_000;
    private static final int MOST_NAMED = 20;

    /** Statuses of ended deliveries. */
    private static final Set<DeliveryStatus> ENDED = EnumSet.of(
            DeliveryStatus.DELIVERED, DeliveryStatus.FAILED, DeliveryStatus.SKIPPED, DeliveryStatus.CANCELED);

    /** {@code POST /v1/replays}: counts or starts a replay. */
    public Processor start() {
        return ApiStep.accepted(request -> {
            Query asked = new Query(request.account(), new RunBody(request.body(MEMBERS)), finder);
            Instant now = clock.instant();
            String maxId = newId(now);
            ReplayCount count = counting.run(request.account(), () -> count(asked.filter, maxId));
            if (asked.dryRun) {
                return new Answered(200, Map.of(), count);
            }
            ReplayJob job = started(
                    request,
                    KIND,
                    null,
                    ReplayJob.starting(
                            newId(now),
                            asked.filter,
                            asked.newIds,
                            asked.perSecond,
                            request.caller().key().name(),
                            now,
                            maxId,
                            count.matched()));
            return view(job, count.exact());
        });
    }

    static String newId(Instant now) {
        return UlidCreator.getMonotonicUlid(now.toEpochMilli()).toString();
    }

    /** Starts a job. */
    ReplayJob started(ApiRequest request, String kind, String detail, ReplayJob job) {
        long running = jobs.running().stream()
                .filter(each -> each.filter().account().equals(request.account()))
                .count();
        if (running >= MOST_RUNNING) {
            throw new ProblemException(Problem.tooMany(
                    "too-many-replays",
                    running + " replays and backfills of this account run already; wait for one to end, or cancel one",
                    Duration.ofSeconds(30)));
        }
        jobs.start(job, auditLog.entry(request, "started", kind, ReplayView.PREFIX + job.id(), detail))
                .toCompletableFuture()
                .join();
        runner.started();
        return job;
    }

    /** {@code GET /v1/replays}: newest first. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters(Parameters.LIMIT, Parameters.CURSOR);
            String scope = "replays\n" + request.account();
            String before = given.after(scope);
            return Page.ofRows(
                    most -> jobs.jobs(request.account(), before, most),
                    given.limit(),
                    scope,
                    ReplayJob::id,
                    job -> view(job, null));
        });
    }

    /** {@code GET /v1/replays/{id}}. */
    public Processor one() {
        return ApiStep.ok(request -> {
            return view(asked(request), null);
        });
    }

    /** {@code POST /v1/replays/{id}/cancel}: deliveries that are due already are sent. */
    public Processor cancel() {
        return ApiStep.ok(request -> {
            ReplayJob job = asked(request);
            AuditEntry entry = auditLog.entry(
                    request, "canceled", job.isBackfill() ? BACKFILL : KIND, ReplayView.PREFIX + job.id(), null);
            jobs.cancel(request.account(), job.id(), clock.instant(), entry)
                    .toCompletableFuture()
                    .join();
            return view(asked(request), null);
        });
    }

    private ReplayJob asked(ApiRequest request) {
        String id = request.resource();
        return jobs.job(
                        request.account(),
                        id.startsWith(ReplayView.PREFIX) ? id.substring(ReplayView.PREFIX.length()) : id)
                .orElseThrow(() -> new ProblemException(Problem.notFound("this account has no replay of that id")));
    }

    private ReplayCount count(DeliveryQuery filter, String maxId) {
        Instant end = clock.instant().plus(LONGEST_COUNT);
        Map<WebhookId, Long> webhooks = new HashMap<>();
        long matched = 0;
        String position = null;
        while (matched < MOST_COUNTED && clock.instant().isBefore(end)) {
            ReplayJobs.Found found = jobs.find(filter, position, maxId, LOOK, LOOK);
            for (ReplayJobs.Match match : found.deliveries()) {
                if (runner.isReplayable(match)) {
                    matched++;
                    webhooks.merge(match.webhook(), 1L, Long::sum);
                }
            }
            if (found.end()) {
                return new ReplayCount(matched, true, most(webhooks));
            }
            position = found.position();
        }
        return new ReplayCount(matched, false, most(webhooks));
    }

    private static List<ReplayCount.OfWebhook> most(Map<WebhookId, Long> webhooks) {
        return webhooks.entrySet().stream()
                .sorted(Map.Entry.<WebhookId, Long>comparingByValue().reversed())
                .limit(MOST_NAMED)
                .map(one -> new ReplayCount.OfWebhook(
                        one.getKey().name(), one.getKey().id(), one.getValue()))
                .toList();
    }

    private ReplayView view(ReplayJob job, Boolean exact) {
        DeliveryQuery filter = job.filter();
        DeliveryStatus status = ENDED.stream()
                .filter(each -> each.standing() == filter.standing())
                .filter(each -> Objects.equals(each.outcome(), filter.outcome()))
                .findFirst()
                .orElse(null);
        return new ReplayView(
                ReplayView.PREFIX + job.id(),
                job.isBackfill() ? BACKFILL : KIND,
                job.state().text(),
                filter.webhook() == null ? null : name(filter.account(), filter.webhook()),
                filter.webhook(),
                filter.eventType(),
                status == null ? filter.outcome() : null,
                status == null ? null : status.text(),
                filter.httpStatus(),
                filter.fault(),
                filter.standing() != DeliveryQuery.Standing.UNDELIVERED,
                DeliveryView.text(filter.from()),
                DeliveryView.text(filter.to()),
                job.newIds(),
                job.perSecond(),
                job.actor(),
                DeliveryView.text(job.createdAt()),
                DeliveryView.text(job.endedAt()),
                job.matched(),
                job.replayed(),
                job.leftOut(),
                exact);
    }

    private String name(String account, String webhook) {
        return finder.find(account, webhook).map(WebhookId::name).orElse(webhook);
    }

    /** The filters of a request, and all their errors. */
    private static final class Query {

        private final DeliveryQuery filter;
        private final boolean newIds;
        private final boolean dryRun;
        private final int perSecond;

        Query(String account, RunBody body, WebhookFinder finder) {
            Instant from = body.time("from");
            Instant to = body.timeAfter("to", from);
            String outcome = body.text("outcome");
            String asked = body.text("webhook");
            String webhook = asked == null
                    ? null
                    : finder.find(account, asked).map(WebhookId::id).orElse(null);
            if (asked != null && webhook == null) {
                body.fault(
                        "webhook", "is no webhook of this account", "give the id or name of one that has deliveries");
            }
            if (outcome != null && !Deliveries.OUTCOMES.contains(outcome)) {
                body.fault("outcome", "is not known", "known: delivered, gave-up, skipped, try-later");
            }
            String status = body.text("status");
            DeliveryStatus ended =
                    DeliveryStatus.filter(status).filter(ENDED::contains).orElse(null);
            if (status != null && ended == null) {
                body.fault(
                        "status",
                        "is not a status of an ended delivery",
                        "known: canceled, delivered, failed, skipped");
            }
            if (status != null && outcome != null) {
                body.fault("status", "cannot be combined with 'outcome'", "give one of them");
            }
            Integer httpStatus = body.has("httpStatus") ? (Integer) body.number("httpStatus", 100, 599, 0) : null;
            String fault = body.text("fault");
            if (fault != null && !ResponseKind.faults().contains(fault)) {
                body.fault("fault", "is not known", "known: " + String.join(", ", ResponseKind.faults()));
            }
            boolean delivered = !body.has("delivered") || body.flag("delivered");
            if (!delivered && ended == DeliveryStatus.DELIVERED) {
                body.fault("delivered", "cannot be false with the status 'delivered'", "leave one of them out");
            }
            boolean isNarrowed = Stream.of(asked, outcome, status, httpStatus, fault, from, to, body.text("eventType"))
                    .anyMatch(Objects::nonNull);
            if (!isNarrowed && delivered) {
                body.fault(
                        "",
                        "no filter is given",
                        "give one of webhook, eventType, outcome, status, httpStatus, fault, from and to, or 'delivered': false");
            }
            newIds = body.flag("newId");
            dryRun = body.flag("dryRun");
            perSecond = body.pace();
            DeliveryQuery.Standing undelivered = delivered ? null : DeliveryQuery.Standing.UNDELIVERED;
            filter = new DeliveryQuery(
                    account,
                    webhook,
                    null,
                    body.text("eventType"),
                    ended == null ? undelivered : ended.standing(),
                    ended == null ? outcome : ended.outcome(),
                    from,
                    to,
                    null,
                    false,
                    DeliveryQuery.Response.of(httpStatus, ResponseKind.of(fault).orElse(null)),
                    null,
                    0);
            body.check();
        }
    }
}
