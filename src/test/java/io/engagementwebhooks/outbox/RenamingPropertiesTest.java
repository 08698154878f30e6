package io.engagementwebhooks.outbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.AttemptRow;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.Intake;
import io.engagementwebhooks.store.NewDelivery;
import io.engagementwebhooks.store.TryResult;
import io.engagementwebhooks.store.WebhookState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Folders;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.awaitility.Awaitility;

/**
 * A webhook is renamed again and again while its events are accepted and sent, over a real store. What runs beside each other
 * in the product comes here piece by piece, in whatever order the threads could be in: an event may be stored under a name
 * that was looked up several renamings ago, and a name be another's in the store before it is so in memory.
 */
class RenamingPropertiesTest {

    /** As many requests as a webhook may have in flight at first: none of these grows beyond. */
    private static final int LARGEST_CAP = 16;

    private static final List<String> NAMES = List.of("crm", "sales", "deals");

    /** All share one, each with an account of its own: to open it takes longer than what is tried. */
    private static SqliteStore store;

    private static final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T12:00:00Z"));
    private static Path folder;
    private static int accounts;
    private static int events;

    /** What can go on next. */
    private enum What {
        RESERVE,
        RESERVE_BY_A_FORMER_NAME,
        STORE,
        HAND_OVER,
        STORE_IN_VAIN,
        ACCEPT,
        RENAME,
        GO_ON_RENAMING,
        FOLLOW,
        TAKE,
        TAKE_ALL,
        DELIVER,
        FAIL,
        IS_GONE,
        FINISH,
        SET_ASIDE,
        SET_ASIDE_BY_A_FORMER_NAME,
        GIVE_BACK,
        PASS_A_SECOND,
        PASS_A_MINUTE,
        PAUSE,
        RESUME,
        STOP,
        START
    }

    /** @param which of those that are so far: of several events, names or deliveries */
    private record Step(What what, int which) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<What> what = Arbitraries.frequency(
                Tuple.of(8, What.RESERVE),
                Tuple.of(3, What.RESERVE_BY_A_FORMER_NAME),
                Tuple.of(8, What.STORE),
                Tuple.of(7, What.HAND_OVER),
                Tuple.of(1, What.STORE_IN_VAIN),
                Tuple.of(2, What.ACCEPT),
                Tuple.of(5, What.RENAME),
                Tuple.of(10, What.GO_ON_RENAMING),
                Tuple.of(2, What.FOLLOW),
                Tuple.of(4, What.TAKE),
                Tuple.of(3, What.TAKE_ALL),
                Tuple.of(4, What.DELIVER),
                Tuple.of(2, What.FAIL),
                Tuple.of(1, What.IS_GONE),
                Tuple.of(5, What.FINISH),
                Tuple.of(1, What.SET_ASIDE),
                Tuple.of(1, What.SET_ASIDE_BY_A_FORMER_NAME),
                Tuple.of(2, What.GIVE_BACK),
                Tuple.of(3, What.PASS_A_SECOND),
                Tuple.of(1, What.PASS_A_MINUTE),
                Tuple.of(1, What.PAUSE),
                Tuple.of(4, What.RESUME),
                Tuple.of(1, What.STOP),
                Tuple.of(4, What.START));
        return Combinators.combine(what, Arbitraries.integers().between(0, 5))
                .as(Step::new)
                .list()
                .ofMinSize(40)
                .ofMaxSize(100);
    }

    @BeforeContainer
    static void openStore() throws IOException {
        folder = Files.createTempDirectory("renaming");
        store = SqliteStore.open(folder.resolve("webhooks.db"), clock);
    }

    @AfterContainer
    static void closeStore() throws IOException {
        store.close();
        Folders.delete(folder);
    }

    @Property
    void each_is_sent_once_whatever_its_webhook_is_called_meanwhile_and_no_place_is_kept_for_what_has_ended(
            @ForAll("steps") List<Step> steps) {
        new Run().all(steps);
    }

    /** An event that is being accepted. */
    private record Accepting(SampleIntake intake, boolean isReserved) {

        NewDelivery delivery() {
            return intake.deliveries().get(0);
        }

        String id() {
            return intake.deliveryId();
        }

        WebhookId webhook() {
            return delivery().webhook();
        }
    }

    /** A delivery that is being sent. @param isSetUp whether there was a webhook of its name when it was taken */
    private record Sending(DueDelivery row, boolean isSetUp) {}

    /** What is being written of it when it has ended. */
    private record Recording(TryResult result, CompletionStage<?> written) {}

    /** One sequence, and what should be true of it. */
    private static final class Run {

        private final String account = "acme" + accounts++;
        private final DueDeliveries due = new DueDeliveries(store, clock, LARGEST_CAP);

        /** What the webhook is called in the set-up that is current. */
        private WebhookId current = webhook(NAMES.get(0));

        // as in Renames
        private final Map<WebhookId, WebhookId> present = new HashMap<>();
        private final Set<WebhookId> behind = new LinkedHashSet<>();
        private final Set<WebhookId> disagreeing = new LinkedHashSet<>();

        /** What is left to do of a renaming, or of following one, before the next may begin. */
        private final Deque<Runnable> renaming = new ArrayDeque<>();

        /** What is left to do of taking up a set-up. */
        private final Deque<Runnable> takingUp = new ArrayDeque<>();

        /** All that it was called when events looked it up. */
        private final List<WebhookId> lookedUp = new ArrayList<>(List.of(current));

        private final List<Accepting> reserved = new ArrayList<>();
        private final List<Accepting> stored = new ArrayList<>();
        private final Set<String> accepted = new LinkedHashSet<>();
        private final List<Sending> sending = new ArrayList<>();
        private final List<Recording> recorded = new ArrayList<>();
        private final Set<String> inFlight = new HashSet<>();
        private final Map<String, WebhookId> aside = new LinkedHashMap<>();
        private final Set<String> delivered = new HashSet<>();

        void all(List<Step> steps) {
            due.define(Set.of(current));
            due.open();
            try {
                steps.forEach(this::does);
                allGoesOnToItsEnd();
                everythingArrives();
                nothingIsLeft();
            } finally {
                due.close();
            }
        }

        private WebhookId webhook(String name) {
            return new WebhookId(account, name);
        }

        private void does(Step step) {
            int which = step.which();
            switch (step.what()) {
                case RESERVE -> reserve(current);
                case RESERVE_BY_A_FORMER_NAME -> reserve(former(which));
                case STORE -> store(which);
                case HAND_OVER -> handOver(which);
                case STORE_IN_VAIN -> storeInVain(which);
                case ACCEPT -> accept();
                case RENAME -> rename(which);
                case GO_ON_RENAMING -> goOnRenaming();
                case FOLLOW -> follow(which);
                case TAKE -> take();
                case TAKE_ALL -> takeAll();
                case DELIVER -> deliver(which);
                case FAIL -> fail(which);
                case IS_GONE -> isGone(which);
                case FINISH -> finish(which);
                case SET_ASIDE -> setAside(which, false);
                case SET_ASIDE_BY_A_FORMER_NAME -> setAside(which, true);
                case GIVE_BACK -> giveBack(which);
                case PASS_A_SECOND -> pass(Duration.ofSeconds(1));
                case PASS_A_MINUTE -> pass(Duration.ofMinutes(1));
                case PAUSE -> set(WebhookState.State.PAUSED);
                case RESUME -> set(WebhookState.State.ACTIVE);
                case STOP -> due.close();
                case START -> due.open();
            }
        }

        private static <T> T get(CompletionStage<T> stage) {
            return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
        }

        private static <T> T remove(List<T> from, int which) {
            return from.remove(which % from.size());
        }

        // --- an event is accepted

        private void reserve(WebhookId webhook) {
            SampleIntake intake = SampleIntake.event("e" + events++).of(account).to(webhook.name(), clock);
            reserved.add(new Accepting(intake, due.reserve(webhook, intake.deliveryId())));
        }

        private WebhookId former(int which) {
            return lookedUp.get(which % lookedUp.size());
        }

        private void store(int which) {
            if (!reserved.isEmpty()) {
                Accepting one = remove(reserved, which);
                get(store.accept(List.of(one.intake().intake())));
                accepted.add(one.id());
                stored.add(one);
            }
        }

        private void handOver(int which) {
            if (!stored.isEmpty()) {
                Accepting one = remove(stored, which);
                if (one.isReserved()) {
                    due.handOver(fresh(one));
                } else {
                    due.dueFirst(one.webhook(), one.delivery().dueAt());
                }
                mayBeBehind(one.webhook());
            }
        }

        private DueDelivery fresh(Accepting one) {
            return new DueDelivery(
                    one.id(),
                    one.webhook(),
                    one.intake().intake().event(),
                    null,
                    0,
                    0,
                    one.delivery().acceptedAt(),
                    due.pausedTotal(one.webhook()),
                    one.delivery().dueAt(),
                    false,
                    null,
                    null);
        }

        private void storeInVain(int which) {
            if (!reserved.isEmpty()) {
                Accepting one = remove(reserved, which);
                if (one.isReserved()) {
                    due.release(one.webhook(), one.id());
                }
                mayBeBehind(one.webhook());
            }
        }

        private void mayBeBehind(WebhookId webhook) {
            if (present.containsKey(webhook)) {
                behind.add(webhook);
            }
        }

        /** Without anything between. */
        private void accept() {
            reserve(current);
            store(reserved.size() - 1);
            handOver(stored.size() - 1);
        }

        // --- a webhook is renamed

        private void rename(int which) {
            if (!renaming.isEmpty() || !takingUp.isEmpty()) {
                return;
            }
            List<WebhookId> others = NAMES.stream()
                    .map(this::webhook)
                    .filter(name -> !name.equals(current))
                    .toList();
            WebhookId from = current;
            WebhookId to = others.get(which % others.size());
            present.remove(to);
            present.replaceAll((former, now) -> now.equals(from) ? to : now);
            present.put(from, to);
            carryOut(from, to);
            takingUp.add(() -> {
                present.remove(to);
                due.define(Set.of(to));
            });
            takingUp.add(() -> {
                current = to;
                lookedUp.add(to);
            });
            goOnRenaming();
        }

        private void follow(int which) {
            if (!renaming.isEmpty()) {
                return;
            }
            agree();
            if (behind.isEmpty()) {
                return;
            }
            WebhookId former = remove(new ArrayList<>(behind), which);
            behind.remove(former);
            WebhookId now = present.get(former);
            if (now != null) {
                carryOut(former, now);
                renaming.add(() -> due.look(now));
                goOnRenaming();
            }
        }

        private void carryOut(WebhookId from, WebhookId to) {
            renaming.add(() -> get(store.rename(from, to.name())));
            renaming.add(() -> {
                due.renamed(from, to);
                due.agree(to);
            });
        }

        private void goOnRenaming() {
            Deque<Runnable> first = renaming.isEmpty() ? takingUp : renaming;
            if (!first.isEmpty()) {
                first.remove().run();
            }
        }

        // --- deliveries are sent

        private boolean take() {
            caughtUp();
            DueDelivery taken = due.takeIfAny();
            if (taken == null) {
                return false;
            }
            String id = taken.id();
            assertTrue(accepted.contains(id), () -> "it was stored: " + id);
            assertFalse(delivered.contains(id), () -> "it had not ended: " + id);
            assertFalse(aside.containsKey(id), () -> "it was not set aside: " + id);
            assertTrue(inFlight.add(id), () -> "it was not in flight: " + id);
            sending.add(new Sending(taken, taken.webhook().equals(current)));
            return true;
        }

        private void caughtUp() {
            if (!due.isCaughtUp()) {
                Awaitility.await().pollInterval(Duration.ofMillis(1)).until(due::isCaughtUp);
            }
        }

        private void takeAll() {
            while (take()) {
                // until there is none
            }
        }

        private void deliver(int which) {
            if (!sending.isEmpty()) {
                Sending one = remove(sending, which);
                if (one.isSetUp()) {
                    record(one, DeliveryState.DELIVERED, null, attempt(one));
                    delivered.add(one.row().id());
                } else {
                    record(one, DeliveryState.WAITING, clock.instant().plusSeconds(1), null);
                }
            }
        }

        private void fail(int which) {
            if (!sending.isEmpty()) {
                Sending one = remove(sending, which);
                Instant again = clock.instant().plusSeconds(one.isSetUp() ? 5 : 1);
                record(one, DeliveryState.WAITING, again, one.isSetUp() ? attempt(one) : null);
            }
        }

        /** The receiver says that it is no more, which disables its webhook. */
        private void isGone(int which) {
            if (!sending.isEmpty()) {
                Sending one = remove(sending, which);
                record(one, DeliveryState.WAITING, clock.instant().plusSeconds(5), attempt(one), "gone");
            }
        }

        private static AttemptRow attempt(Sending one) {
            return SampleAttempt.of(one.row().attempts() + 1, clock.instant(), 1, "", "", null, 200, null, null);
        }

        private void record(Sending one, DeliveryState state, Instant again, AttemptRow attempt) {
            record(one, state, again, attempt, null);
        }

        private void record(Sending one, DeliveryState state, Instant again, AttemptRow attempt, String disables) {
            TryResult result =
                    new TryResult(one.row().id(), one.row().webhook(), state, "", again, attempt, null, disables);
            recorded.add(new Recording(result, store.record(result)));
        }

        private void finish(int which) {
            if (!recorded.isEmpty()) {
                Recording one = remove(recorded, which);
                get(one.written());
                inFlight.remove(one.result().delivery());
                due.finished(one.result().delivery(), one.result(), false);
                mayBeBehind(one.result().webhook());
                if (one.result().disableWebhook() != null) {
                    disagreeing.add(one.result().webhook());
                }
            }
        }

        private void agree() {
            for (WebhookId webhook : disagreeing) {
                due.agree(present.getOrDefault(webhook, webhook));
            }
            disagreeing.clear();
        }

        // --- and other things happen to them

        private void setAside(int which, boolean isByAFormerName) {
            List<String> waiting =
                    accepted.stream().filter(id -> !delivered.contains(id)).toList();
            if (waiting.isEmpty()) {
                return;
            }
            String id = waiting.get(which % waiting.size());
            WebhookId webhook = isByAFormerName
                    ? former(which)
                    : store.delivery(account, id).orElseThrow().webhook();
            if (due.setAside(webhook, id)) {
                assertFalse(inFlight.contains(id), () -> "it is not in flight: " + id);
                assertTrue(aside.put(id, webhook) == null, () -> "it was not set aside: " + id);
            }
        }

        private void giveBack(int which) {
            if (!aside.isEmpty()) {
                String id = remove(new ArrayList<>(aside.keySet()), which);
                due.giveBack(aside.remove(id), id);
            }
        }

        private void pass(Duration time) {
            clock.pass(time);
            due.clockMoved();
        }

        private void set(WebhookState.State state) {
            if (renaming.isEmpty()) {
                WebhookId now = present.getOrDefault(current, current);
                due.changed(get(store.setState(now, state, null, clock.instant())));
            }
        }

        // --- and at last

        private void allGoesOnToItsEnd() {
            while (!reserved.isEmpty()) {
                store(0);
            }
            while (!stored.isEmpty()) {
                handOver(0);
            }
            while (!recorded.isEmpty()) {
                finish(0);
            }
            while (!aside.isEmpty()) {
                giveBack(0);
            }
            while (!renaming.isEmpty() || !takingUp.isEmpty() || !behind.isEmpty() || !disagreeing.isEmpty()) {
                goOnRenaming();
                follow(0);
            }
            assertEquals(
                    store.webhookState(current)
                            .orElse(WebhookState.active(current))
                            .state(),
                    due.state(current).state(),
                    "memory and store agree whether it is paused");
            set(WebhookState.State.ACTIVE);
            due.open();
        }

        private void everythingArrives() {
            for (int rounds = 0; !delivered.equals(accepted); rounds++) {
                assertTrue(rounds < 20, () -> accepted + " were accepted, only these are delivered: " + delivered);
                takeAll();
                deliverAll();
                pass(Duration.ofMinutes(1));
            }
        }

        private void nothingIsLeft() {
            assertFalse(take(), "all have ended");
            assertEquals(0, due.backlog().due());
            assertEquals(0, due.inFlightFor(0));
            for (String id : accepted) {
                assertTrue(due.setAside(current, id), () -> "no place is kept for " + id);
                due.giveBack(current, id);
                caughtUp();
            }
            // whatever is kept under a former name becomes this one's
            for (String name : NAMES) {
                if (!name.equals(current.name())) {
                    get(store.rename(webhook(name), current.name()));
                    due.renamed(webhook(name), current);
                }
            }
            caughtUp();
            List<String> more = IntStream.range(0, 2 * LARGEST_CAP + 1)
                    .mapToObj(n -> SampleIntake.newId(clock))
                    .toList();
            List<String> kept =
                    more.stream().filter(id -> due.reserve(current, id)).toList();
            assertEquals(2 * LARGEST_CAP, kept.size(), "all places in memory are free");
            kept.forEach(id -> due.release(current, id));
            IntStream.range(0, LARGEST_CAP + 1).forEach(n -> reserve(current));
            List<Intake> intakes =
                    reserved.stream().map(one -> one.intake().intake()).toList();
            get(store.accept(intakes));
            reserved.forEach(one -> accepted.add(one.id()));
            stored.addAll(reserved);
            while (!stored.isEmpty()) {
                handOver(0);
            }
            takeAll();
            assertEquals(LARGEST_CAP, sending.size(), "all places are free");
            deliverAll();
            takeAll();
            deliverAll();
            assertEquals(accepted, delivered);
        }

        private void deliverAll() {
            while (!sending.isEmpty()) {
                deliver(0);
            }
            while (!recorded.isEmpty()) {
                finish(0);
            }
        }
    }
}
