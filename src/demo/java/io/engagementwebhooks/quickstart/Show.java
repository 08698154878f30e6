package io.engagementwebhooks.quickstart;

import com.github.f4b6a3.ulid.UlidCreator;
import io.engagementwebhooks.quickstart.ProductApi.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Sends the sample calls and shows what becomes of them. For one thread. */
final class Show {

    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration ARRIVAL = Duration.ofSeconds(15);
    private static final Duration STEP = Duration.ofMillis(100);

    private final Path events;
    private final ProductApi api;
    private final ProductProcess product;
    private final Table table;
    private final Clock clock;
    private int expected;

    Show(Path events, ProductApi api, ProductProcess product, Table table, Clock clock) {
        this.events = events;
        this.api = api;
        this.product = product;
        this.table = table;
        this.clock = clock;
    }

    void awaitReady() throws InterruptedException, DemoFailure {
        Instant end = clock.instant().plus(START);
        while (!api.isReady()) {
            pause();
            if (clock.instant().isAfter(end)) {
                throw new DemoFailure("the product is not ready after " + START.toSeconds() + " s; its log ends with:\n"
                        + product.tail());
            }
            pause();
        }
    }

    /** Sends a call that ended (twice), one that was missed, and then what changed about the first. */
    List<Row> play() throws IOException, InterruptedException, DemoFailure {
        SampleCall ended = call("call-ended.json");
        send(ended);
        send(ended);
        send(call("call-missed.json"));
        // as in life: a call is modified when its end has long been reported
        watch(ended.type());
        send(call("call-modified.json"));
        List<Row> rows = watch("");
        table.leave();
        return rows;
    }

    /** What did not arrive, and why; empty if everything did. */
    List<String> faults(List<Row> rows, DemoEnvironment demo) {
        List<String> faults = new ArrayList<>();
        if (rows.size() != expected) {
            faults.add(expected + " deliveries were promised, and there are " + rows.size());
        }
        rows.stream()
                .filter(row -> !row.outcome().equals(Row.DELIVERED))
                .map(row -> row.event() + " did not arrive at " + row.webhook() + ": " + row.state() + " after "
                        + row.attempts() + " attempts" + (row.reason().isEmpty() ? "" : ", " + row.reason()))
                .forEach(faults::add);
        demo.missing(rows).forEach(what -> faults.add("marked delivered, but no receiver got it: " + what));
        if (!faults.isEmpty()) {
            demo.refusals().forEach(refusal -> faults.add("receiver " + refusal));
        }
        return faults;
    }

    /** Prints what ends from now on, until the product does. */
    void follow() throws InterruptedException, DemoFailure {
        while (true) {
            pause();
            try {
                api.deliveries().forEach(table::printEnded);
            } catch (IOException e) {
                // reported by the pause if the product has ended; else the next look will do
            }
        }
    }

    private SampleCall call(String file) throws IOException {
        Instant now = clock.instant();
        return SampleCall.read(
                events.resolve(file),
                UlidCreator.getMonotonicUlid(now.toEpochMilli()).toString(),
                now);
    }

    private void send(SampleCall call) throws IOException, InterruptedException, DemoFailure {
        Answer answer = api.send(call);
        int deliveries = answer.body().path("deliveries").asInt();
        boolean duplicate = answer.body().path("duplicate").asBoolean();
        if (answer.status() != (duplicate ? 200 : 202)) {
            throw new DemoFailure(call.type() + " was not accepted: " + answer.status() + " " + answer.body());
        }
        expected += duplicate ? 0 : deliveries;
        table.note(
                duplicate
                        ? "  200  " + call.type() + " again: a duplicate, nothing is sent twice"
                        : "  202  " + call.type() + ": stored, " + deliveries + " deliveries");
    }

    /** Shows the deliveries until those of an event type, or all, have ended, or the time is over. */
    private List<Row> watch(String type) throws IOException, InterruptedException, DemoFailure {
        Instant end = clock.instant().plus(ARRIVAL);
        while (true) {
            List<Row> rows = api.deliveries();
            table.show(rows);
            boolean ended = rows.stream()
                    .filter(row -> type.isEmpty() || row.event().equals(type))
                    .allMatch(Row::hasEnded);
            if (ended && rows.size() >= (type.isEmpty() ? expected : 1)
                    || clock.instant().isAfter(end)) {
                return rows;
            }
            pause();
        }
    }

    private void pause() throws InterruptedException, DemoFailure {
        if (product.endsWithin(STEP)) {
            throw new DemoFailure("the product has ended; its log ends with:\n" + product.tail());
        }
    }
}
