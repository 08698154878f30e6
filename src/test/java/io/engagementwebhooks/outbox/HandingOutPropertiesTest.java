package io.engagementwebhooks.outbox;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.due.AttemptKind;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Folders;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.MigratedSqlite;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Random sequences of operations over a real store: what is dispatched, and when (semantics 12, 13, 18, 19, 24). */
class HandingOutPropertiesTest {

    private static final WebhookId CRM = Ids.webhook("acme", "crm");
    private static final int LARGEST_CAP = 20;

    /** What can happen next. */
    private enum Step {
        ACCEPT,
        ACCEPT_THREE,
        TAKE,
        TAKE_ALL,
        DELIVER,
        FAIL,
        PASS_A_SECOND,
        PASS_A_MINUTE,
        SET_THE_CLOCK_BACK,
        SET_THE_CLOCK_FORWARD,
        PAUSE,
        RESUME,
        STOP,
        START,
        RESTART
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        return Arbitraries.frequency(
                        Tuple.of(6, Step.ACCEPT),
                        Tuple.of(3, Step.ACCEPT_THREE),
                        Tuple.of(6, Step.TAKE),
                        Tuple.of(2, Step.TAKE_ALL),
                        Tuple.of(4, Step.DELIVER),
                        Tuple.of(4, Step.FAIL),
                        Tuple.of(3, Step.PASS_A_SECOND),
                        Tuple.of(1, Step.PASS_A_MINUTE),
                        Tuple.of(1, Step.SET_THE_CLOCK_BACK),
                        Tuple.of(1, Step.SET_THE_CLOCK_FORWARD),
                        Tuple.of(1, Step.PAUSE),
                        Tuple.of(2, Step.RESUME),
                        Tuple.of(1, Step.STOP),
                        Tuple.of(2, Step.START),
                        Tuple.of(1, Step.RESTART))
                .list()
                .ofMaxSize(40);
    }

    @Property
    void each_due_delivery_is_dispatched_once_per_attempt_and_first_attempts_in_order(@ForAll("steps") List<Step> steps)
            throws IOException {
        Path folder = Files.createTempDirectory("handing-out");
        try {
            new Run(folder).all(steps);
        } finally {
            Folders.delete(folder);
        }
    }

    /** One sequence with the expected state. */
    private static final class Run {

        private final Path folder;
        private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
        private final Map<String, Instant> dueAt = new HashMap<>();
        private final Map<String, Integer> attempts = new HashMap<>();
        private final List<DueDelivery> inFlight = new ArrayList<>();
        private String lastFirst = "";
        private Instant latest = Instant.MIN;
        private boolean orderIsKnown = true;
        private boolean paused;
        private boolean open;
        private int events;
        private SqliteStore store;
        private OutboxFixture due;
        private Outbox outbox;

        Run(Path folder) {
            this.folder = folder;
            openStore();
        }

        private void openStore() {
            store = MigratedSqlite.open(folder.resolve("webhooks.db"), clock);
            due = new OutboxFixture(store, clock, 10_000, LARGEST_CAP);
            outbox = due.outbox();
            due.define(Set.of(CRM));
            due.open();
            open = true;
        }

        void all(List<Step> steps) {
            try {
                steps.forEach(this::does);
                everythingArrives();
            } finally {
                due.close();
                outbox.close();
                store.close();
            }
        }

        private void does(Step step) {
            switch (step) {
                case ACCEPT -> accept(1);
                case ACCEPT_THREE -> accept(3);
                case TAKE -> take();
                case TAKE_ALL -> takeAll();
                case DELIVER -> deliver();
                case FAIL -> fail();
                case PASS_A_SECOND -> pass(Duration.ofSeconds(1));
                case PASS_A_MINUTE -> pass(Duration.ofMinutes(1));
                case SET_THE_CLOCK_BACK -> set(Duration.ofHours(-1));
                case SET_THE_CLOCK_FORWARD -> set(Duration.ofHours(1));
                case PAUSE -> set(WebhookState.State.PAUSED);
                case RESUME -> set(WebhookState.State.ACTIVE);
                case STOP -> stop();
                case START -> start();
                case RESTART -> restart();
            }
        }

        private void accept(int count) {
            for (int n = 0; n < count; n++) {
                SampleIntake intake = SampleIntake.event("e" + events++).to(CRM.name(), clock);
                get(outbox.acceptance().accept(List.of(intake.intake())));
                dueAt.put(intake.deliveryId(), clock.instant());
                attempts.put(intake.deliveryId(), 0);
            }
        }

        private boolean take() {
            due.awaitCaughtUp();
            DueDelivery next = due.takeIfAny();
            if (next == null) {
                return false;
            }
            assertTrue(open && !paused, "nothing is handed out while the room or the webhook stands still");
            Instant since = dueAt.get(next.id());
            assertFalse(since == null, "it had not ended");
            assertFalse(since.isAfter(latest()), "it was due, also if the clock was set back since");
            assertTrue(inFlight.stream().noneMatch(other -> other.id().equals(next.id())), "it was not in flight");
            assertEquals(attempts.get(next.id()), next.attempts());
            if (next.attempts() == 0 && orderIsKnown) {
                assertTrue(lastFirst.compareTo(next.id()) < 0, "first attempts keep the order");
                lastFirst = next.id();
            }
            if (orderIsKnown && waits(next.kind().other())) {
                assertTrue(
                        inFlight(next.kind()) <= inFlight(next.kind().other()),
                        "while both wait, those that have fewer places have their turn");
            }
            inFlight.add(next);
            assertTrue(inFlight.size() <= LARGEST_CAP);
            return true;
        }

        private long inFlight(AttemptKind share) {
            return inFlight.stream().filter(other -> other.kind() == share).count();
        }

        private boolean waits(AttemptKind share) {
            return dueAt.entrySet().stream()
                    .anyMatch(one -> !one.getValue().isAfter(clock.instant())
                            && AttemptKind.of(attempts.get(one.getKey())) == share
                            && inFlight.stream().noneMatch(other -> other.id().equals(one.getKey())));
        }

        private Instant latest() {
            latest = clock.instant().isAfter(latest) ? clock.instant() : latest;
            return latest;
        }

        private void takeAll() {
            while (take()) {
                // until there is none
            }
        }

        private void deliver() {
            if (!inFlight.isEmpty()) {
                DueDelivery one = inFlight.remove(0);
                dueAt.remove(one.id());
                finish(one, DeliveryState.DELIVERED, null);
            }
        }

        private void fail() {
            if (!inFlight.isEmpty()) {
                DueDelivery one = inFlight.remove(inFlight.size() - 1);
                Instant again = clock.instant().plusSeconds(5);
                dueAt.put(one.id(), again);
                finish(one, DeliveryState.WAITING, again);
            }
        }

        private void finish(DueDelivery one, DeliveryState state, Instant again) {
            int number = attempts.merge(one.id(), 1, Integer::sum);
            AttemptRow attempt = SampleAttempt.of(number, clock.instant(), 1, state.text(), "", null, 200, null, null);
            AttemptResult result = new AttemptResult(one.id(), CRM, state, "", again, attempt, null, null);
            get(store.outcomes().record(result));
        }

        private void pass(Duration time) {
            clock.pass(time);
        }

        /** Without a signal. Ids derive from the time: later ones may be smaller. */
        private void set(Duration jump) {
            latest();
            clock.pass(jump);
            lastFirst = "";
            if (jump.isNegative()) {
                orderIsKnown = false;
            }
        }

        private void set(WebhookState.State state) {
            get(outbox.setState(CRM, state, null));
            paused = state == WebhookState.State.PAUSED;
        }

        private void stop() {
            due.close();
            open = false;
        }

        private void start() {
            due.open();
            open = true;
        }

        /** The process crashes: attempts in flight have no outcome and are sent again. */
        private void restart() {
            due.close();
            outbox.close();
            store.close();
            inFlight.forEach(one -> lastFirst = "");
            inFlight.clear();
            openStore();
        }

        private void everythingArrives() {
            set(WebhookState.State.ACTIVE);
            start();
            for (int rounds = 0; !dueAt.isEmpty(); rounds++) {
                assertTrue(rounds < 1000, () -> "these are never handed out: " + dueAt.keySet());
                takeAll();
                while (!inFlight.isEmpty()) {
                    deliver();
                }
                pass(Duration.ofMinutes(1));
            }
        }
    }
}
