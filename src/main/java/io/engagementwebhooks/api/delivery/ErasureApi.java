package io.engagementwebhooks.api.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.api.Answered;
import io.engagementwebhooks.api.ApiRequest;
import io.engagementwebhooks.api.ApiStep;
import io.engagementwebhooks.api.AuditLog;
import io.engagementwebhooks.api.Page;
import io.engagementwebhooks.api.Parameters;
import io.engagementwebhooks.api.definition.Definitions;
import io.engagementwebhooks.config.schema.FieldFault;
import io.engagementwebhooks.server.ConcurrencyLimit;
import io.engagementwebhooks.server.Problem;
import io.engagementwebhooks.server.ProblemException;
import io.engagementwebhooks.store.erase.Erasure;
import io.engagementwebhooks.store.erase.ErasureRunner;
import io.engagementwebhooks.store.erase.Erasures;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.Processor;

/**
 * Erasures of the events of a person (semantics 44), and their receipts. Thread-safe.
 *
 * @param counting limit of counts at a time
 */
public record ErasureApi(
        Erasures erasures, ErasureRunner runner, AuditLog auditLog, ConcurrencyLimit counting, Clock clock) {

    private static final String FIELD = "field";
    private static final String EQUALS = "equals";
    private static final String SUBJECT = "subject";
    private static final String SOURCE = "source";
    private static final String ID = "id";
    private static final String DRY_RUN = "dryRun";
    private static final Set<String> MEMBERS = Set.of(FIELD, EQUALS, SUBJECT, SOURCE, ID, DRY_RUN);
    private static final int LONGEST = 1_000;
    private static final int MOST_RUNNING = 5;

    /** After it the count is a minimum. */
    private static final Duration LONGEST_COUNT = Duration.ofSeconds(20);

    /** {@code POST /v1/erasures}: counts or starts an erasure. */
    public Processor start() {
        return ApiStep.accepted(request -> {
            JsonNode body = request.body(MEMBERS);
            Erasure erasure = erasure(request, body);
            if (isDryRun(body)) {
                return new Answered(200, Map.of(), counting.run(request.account(), () -> count(erasure)));
            }
            long running = erasures.running().stream()
                    .filter(each -> each.account().equals(request.account()))
                    .count();
            if (running >= MOST_RUNNING) {
                throw new ProblemException(Problem.tooMany(
                        "too-many-erasures",
                        running + " erasures of this account run already; wait for one to end",
                        Duration.ofSeconds(30)));
            }
            erasures.start(
                            erasure,
                            auditLog.entry(
                                    request, "started", "erasure", ErasureView.PREFIX + erasure.id(), erasure.field()))
                    .toCompletableFuture()
                    .join();
            runner.started();
            return ErasureView.of(erasure);
        });
    }

    private ErasureCount count(Erasure erasure) {
        Instant end = clock.instant().plus(LONGEST_COUNT);
        Erasures.Count count = erasures.count(erasure, () -> clock.instant().isBefore(end));
        return new ErasureCount(count.events(), count.deliveries(), count.pending(), count.unsearched(), count.exact());
    }

    /** {@code GET /v1/erasures}: newest first. */
    public Processor list() {
        return ApiStep.ok(request -> {
            Parameters given = request.parameters(Parameters.LIMIT, Parameters.CURSOR);
            String scope = "erasures\n" + request.account();
            String before = given.after(scope);
            return Page.ofRows(
                    most -> erasures.all(request.account(), before, most),
                    given.limit(),
                    scope,
                    Erasure::id,
                    ErasureView::of);
        });
    }

    /** {@code GET /v1/erasures/{id}}: the receipt. */
    public Processor one() {
        return ApiStep.ok(request -> {
            String id = request.resource();
            return erasures.one(
                            request.account(),
                            id.startsWith(ErasureView.PREFIX) ? id.substring(ErasureView.PREFIX.length()) : id)
                    .map(ErasureView::of)
                    .orElseThrow(
                            () -> new ProblemException(Problem.notFound("this account has no erasure of that id")));
        });
    }

    /** The erasure that a body asks for; its value stays in the digest alone. */
    private Erasure erasure(ApiRequest request, JsonNode body) {
        Set<String> given =
                Stream.of(FIELD, EQUALS, SUBJECT, SOURCE, ID).filter(body::has).collect(Collectors.toSet());
        String account = request.account();
        if (given.equals(Set.of(FIELD, EQUALS))) {
            String field = path(body);
            return starting(request, field, erasures.digest(account, field, text(body, EQUALS)));
        }
        if (given.equals(Set.of(SUBJECT))) {
            return starting(request, SUBJECT, erasures.digest(account, SUBJECT, text(body, SUBJECT)));
        }
        if (given.equals(Set.of(SOURCE, ID))) {
            return starting(
                    request, Erasure.IDENTITY, erasures.digestOfIdentity(account, text(body, SOURCE), text(body, ID)));
        }
        throw fault(
                "",
                "the body does not say which events",
                "give 'field' and 'equals', or 'subject' alone, or 'source' and 'id'");
    }

    private Erasure starting(ApiRequest request, String field, String digest) {
        Instant now = clock.instant();
        return Erasure.starting(
                UlidCreator.getMonotonicUlid(now.toEpochMilli()).toString(),
                request.account(),
                field,
                digest,
                request.caller().key().name(),
                now,
                erasures.lastEvent(request.account(), null));
    }

    private static String path(JsonNode body) {
        String path = text(body, FIELD);
        if (Stream.of(path.split("\\.", -1)).anyMatch(String::isEmpty)) {
            throw fault("/" + FIELD, "'field' is no dotted path of an event", "such as data.anum or subject");
        }
        return path;
    }

    private static String text(JsonNode body, String member) {
        JsonNode value = body.path(member);
        boolean isText = value.isTextual() || member.equals(EQUALS) && value.isNumber();
        if (!isText || value.asText().isEmpty() || value.asText().length() > LONGEST) {
            throw fault(
                    "/" + member,
                    "'" + member + "' is not a text of 1 to " + LONGEST + " characters",
                    "give the value as text, such as \"+46700000001\"");
        }
        return value.asText();
    }

    private static boolean isDryRun(JsonNode body) {
        JsonNode value = body.path(DRY_RUN);
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw fault("/" + DRY_RUN, "'dryRun' is not true or false", "leave it out for false");
        }
        return value.asBoolean();
    }

    private static ProblemException fault(String pointer, String rule, String wayOut) {
        return Definitions.invalid(List.of(new FieldFault(pointer, rule, wayOut)));
    }
}
