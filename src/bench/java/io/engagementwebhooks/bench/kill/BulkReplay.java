package io.engagementwebhooks.bench.kill;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A replay of many deliveries, each under a new id so that it can be counted, during which the product is killed. It
 * must continue after the restart, and repeat each delivery once.
 */
final class BulkReplay {

    /** The least number of steps. */
    static final int STEPS = 12;

    private static final int PER_STEP = 10;
    private static final int STEPS_PER_SECOND = 5;
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final KillApi api;
    private final CrashTestRecord record;
    private final String type;
    private final int deliveries;
    private final Instant since = Instant.now().truncatedTo(ChronoUnit.MILLIS);

    /** @param webhooks so many deliveries has each event @param life in which it is killed */
    BulkReplay(KillApi api, CrashTestRecord record, int webhooks, int life) {
        this.api = api;
        this.record = record;
        this.type = "call.ended.in-life-" + life;
        this.deliveries = STEPS * PER_STEP;
        for (int i = 0; i < deliveries / webhooks; i++) {
            String event = type + "-" + i;
            if (api.sendEvent(event, type)) {
                record.acknowledged(event);
            }
        }
    }

    /** Begins with the repeating, when all of them are delivered. */
    void start() {
        awaitThat(all -> all.size() == deliveries && areDelivered(all));
        api.post(
                        "/v1/replays",
                        "{\"eventType\":\"" + type + "\",\"outcome\":\"delivered\",\"newId\":true,\"perSecond\":"
                                + PER_STEP * STEPS_PER_SECOND + "}")
                .filter(job -> job.path("matched").asInt() != deliveries)
                .ifPresent(job -> record.fault("of " + deliveries + " deliveries a replay matched others: " + job));
    }

    /** Accounts for each one in the life after the kill. */
    void check() {
        await().atMost(PATIENCE).until(() -> job().isPresent());
        JsonNode job = job().orElseThrow();
        if (job.path("replayed").asInt() != deliveries || job.path("leftOut").asInt() != 0) {
            record.fault("a replay of " + deliveries + " deliveries ended otherwise: " + job);
        }
        List<JsonNode> all = awaitThat(BulkReplay::areDelivered);
        Set<String> originals = all.stream()
                .filter(each -> each.path("replayOf").isNull())
                .map(BulkReplay::id)
                .collect(Collectors.toSet());
        Map<String, List<String>> replays = all.stream()
                .filter(each -> !each.path("replayOf").isNull())
                .collect(Collectors.groupingBy(
                        each -> each.path("replayOf").asText(),
                        Collectors.mapping(BulkReplay::id, Collectors.toList())));
        if (originals.size() != deliveries || !replays.keySet().equals(originals)) {
            record.fault("of " + deliveries + " deliveries " + originals.size() + " are left and " + replays.size()
                    + " were repeated by " + type);
        }
        replays.forEach((original, some) -> {
            if (some.size() != 1) {
                record.fault(original + " was repeated as " + some);
            }
            some.forEach(record::isReplay);
            some.stream()
                    .filter(id -> !record.hasTaken(id))
                    .forEach(id -> record.fault(id + ", which repeats " + original + ", never came"));
        });
    }

    private Optional<JsonNode> job() {
        return api.get("/v1/replays?limit=1")
                .map(page -> page.path("items").path(0))
                .filter(job -> job.path("eventType").asText().equals(type))
                .filter(job -> job.path("state").asText().equals("done"));
    }

    /** Its deliveries and those that repeat them, when they are as they should be. */
    private List<JsonNode> awaitThat(Predicate<List<JsonNode>> fine) {
        return await().atMost(PATIENCE)
                .until(() -> api.deliveries(since).map(this::ours).filter(fine), Optional::isPresent)
                .orElseThrow();
    }

    private List<JsonNode> ours(List<JsonNode> all) {
        return all.stream()
                .filter(each -> each.path("eventType").asText().equals(type))
                .toList();
    }

    private static boolean areDelivered(List<JsonNode> all) {
        return all.stream().allMatch(each -> each.path("state").asText().equals("delivered"));
    }

    private static String id(JsonNode delivery) {
        return delivery.path("id").asText();
    }
}
