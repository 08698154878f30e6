package io.engagementwebhooks.outbox;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.StoreException;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.outcome.WebhookState.State;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.store.query.ReplayJobs;
import io.engagementwebhooks.testkit.Due;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.InterceptedStore;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.testkit.SampleLimits;
import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fairness, caps, holds and states (semantics 11, 13, 18, 19, 24), over a real store. */
@Timeout(300)
class DueSchedulerTest extends OverRealStore {

    private static final WebhookId SALES = Ids.webhook("acme", "sales");
    private static final int LARGEST_CAP = 20;
    private static final Batch ALONE = new Batch(1, Duration.ZERO);

    @Override
    OutboxFixture made() {
        return fixture(store);
    }

    private OutboxFixture fixture(Store read) {
        return new OutboxFixture(read, clock, 10_000, LARGEST_CAP);
    }

    private void start(Store read) {
        start(fixture(read));
    }

    @Override
    Set<WebhookId> webhooks() {
        return Set.of(CRM, ERP);
    }

    private String accept(WebhookId webhook) {
        SampleIntake intake =
                SampleIntake.event("e" + events++).of(webhook.account()).to(webhook.name(), clock);
        get(outbox.acceptance().accept(List.of(intake.intake())));
        return intake.deliveryId();
    }

    private List<String> accept(WebhookId webhook, int count) {
        return IntStream.range(0, count).mapToObj(i -> accept(webhook)).toList();
    }

    /** Rows without a signal to this process. */
    private List<String> storeOnly(WebhookId webhook, int count) {
        List<SampleIntake> intakes = IntStream.range(0, count)
                .mapToObj(i -> SampleIntake.event("s" + events++).to(webhook.name(), clock))
                .toList();
        List<Intake> batch = intakes.stream().map(SampleIntake::intake).toList();
        due.unheard(() -> get(store.events().accept(batch)));
        return intakes.stream().map(SampleIntake::deliveryId).toList();
    }

    private void finish(DueDelivery delivery, AttemptResult result, boolean slowDown) {
        get(store.outcomes().record(slowDown ? result.withSlowDown() : result));
    }

    private AttemptRow attempt(DueDelivery delivery, String outcome, Integer status) {
        return SampleAttempt.of(delivery.attempts() + 1, clock.instant(), 1, outcome, "", null, status, null, null);
    }

    private void deliver(DueDelivery d) {
        finish(d, delivered(d), false);
    }

    private AttemptResult delivered(DueDelivery d) {
        return new AttemptResult(
                d.id(), d.webhook(), DeliveryState.DELIVERED, "", null, attempt(d, "delivered", 200), null, null);
    }

    private void deliverAll(List<DueDelivery> deliveries) {
        deliveries.forEach(this::deliver);
    }

    private void fail(DueDelivery d, Duration retryIn, boolean slowDown) {
        Instant next = clock.instant().plus(retryIn);
        finish(
                d,
                new AttemptResult(
                        d.id(), d.webhook(), DeliveryState.WAITING, "", next, attempt(d, "try-later", 503), null, null),
                slowDown);
    }

    private void fail(DueDelivery d, Duration hold) {
        Instant until = clock.instant().plus(hold);
        finish(
                d,
                new AttemptResult(
                        d.id(),
                        d.webhook(),
                        DeliveryState.WAITING,
                        "",
                        until,
                        attempt(d, "try-later", 429),
                        until,
                        null),
                true);
    }

    private void gone(DueDelivery d) {
        finish(
                d,
                new AttemptResult(
                        d.id(), d.webhook(), DeliveryState.GAVE_UP, "", null, attempt(d, "gave-up", 410), null, "gone"),
                false);
    }

    private AttemptResult unsent(DueDelivery d) {
        Instant inAnHour = clock.instant().plus(Duration.ofHours(1));
        return new AttemptResult(d.id(), d.webhook(), DeliveryState.WAITING, "no token", inAnHour, null, null, null);
    }

    // --- what retention gives up (semantics 26)

    /** What a repaired credential releases, which the scheduler knows some time after the store. */
    private List<DueDelivery> takeReleased() {
        return await().until(this::takeAll, taken -> !taken.isEmpty());
    }

    private int giveUpAll() {
        Instant now = clock.instant();
        Instant old = Instant.EPOCH;
        return get(store.retain(SampleLimits.of(now, old, old, old, now.plusMillis(1), 100)))
                .gaveUp();
    }

    @Test
    void an_expired_delivery_is_not_sent_and_the_outcome_of_one_in_flight_changes_nothing() {
        accept(CRM, 40);
        DueDelivery inFlight = due.takeIfAny();
        due.awaitCaughtUp();
        assertEquals(40, giveUpAll(), "what is ready in memory too");
        assertEquals(List.of(), takeAll());
        deliver(inFlight);
        assertEquals(0, store.waitingCount());
    }

    // --- repaired credentials (semantics 14)

    @Test
    void a_repaired_credential_is_probed_by_one_delivery_first() {
        List<String> accepted = accept(CRM, 9);
        takeAll().forEach(d -> finish(d, unsent(d), false));
        assertEquals(List.of(), takeAll());
        outbox.credentialRepaired(CRM);
        List<DueDelivery> probe = takeReleased();
        assertEquals(accepted.subList(0, 1), ids(probe));
        deliverAll(probe);
        assertEquals(accepted.subList(1, 9), ids(takeAll()));
    }

    @Test
    void a_repaired_credential_releases_deliveries_beyond_the_first_step() {
        List<String> stored = storeOnly(CRM, 1_201);
        Instant inAnHour = clock.instant().plus(Duration.ofHours(1));
        List<CompletionStage<?>> recorded = new ArrayList<>();
        for (String id : stored.subList(0, 1_200)) {
            AttemptRow failed = SampleAttempt.of(1, clock.instant(), 1, "try-later", "503", null, 503, null, null);
            recorded.add(store.outcomes()
                    .record(new AttemptResult(id, CRM, DeliveryState.WAITING, "503", inAnHour, failed, null, null)));
        }
        String last = stored.get(1_200);
        recorded.add(store.outcomes()
                .record(new AttemptResult(last, CRM, DeliveryState.WAITING, "no token", inAnHour, null, null, null)));
        recorded.forEach(Patience::get);
        outbox.credentialRepaired(CRM);
        await().until(() ->
                !Due.of(store.due(), CRM, clock.instant(), 9, List.of()).isEmpty());
        assertEquals(List.of(last), ids(Due.of(store.due(), CRM, clock.instant(), 9, List.of())));
    }

    @Test
    void an_attempt_in_flight_with_the_old_credential_is_released_when_it_ends() {
        accept(CRM);
        DueDelivery inFlight = takeAll().get(0);
        outbox.credentialRepaired(CRM);
        get(store.outcomes().record(unsent(inFlight)));
        assertEquals(List.of(inFlight.id()), ids(takeReleased()));
    }

    @Test
    void a_response_to_the_old_credential_does_not_end_the_probe() {
        accept(CRM, 9);
        List<DueDelivery> inFlight = takeAll();
        List<String> next = accept(CRM, 3);
        due.repaired(CRM);
        deliverAll(inFlight);
        assertEquals(next.subList(0, 1), ids(takeAll()));
    }

    @Test
    void a_delivery_that_was_being_stored_at_a_repair_and_is_ready_at_the_next_ends_the_probe() {
        List<String> stored = storeOnly(CRM, 3);
        stored.forEach(id -> assertTrue(due.reserve(CRM, id)));
        due.repaired(CRM);
        Due.of(store.due(), CRM, clock.instant(), 3, List.of()).forEach(due::handOver);
        due.repaired(CRM);
        List<DueDelivery> probe = takeAll();
        assertEquals(stored.subList(0, 1), ids(probe));
        deliverAll(probe);
        assertEquals(stored.subList(1, 3), ids(takeAll()));
    }

    @Test
    void unsent_deliveries_are_retried_after_a_start() {
        List<String> accepted = accept(CRM, 2);
        takeAll().forEach(d -> finish(d, unsent(d), false));
        due.close();
        start();
        outbox.retryUnsent();
        assertEquals(accepted.subList(0, 1), ids(takeReleased()));
    }

    // --- order and fairness

    @Test
    void the_age_of_the_oldest_due_delivery_counts_webhooks_that_may_send() {
        assertEquals(Duration.ZERO, outbox.oldestDueAge());
        accept(CRM, 100);
        pass(Duration.ofSeconds(7));
        accept(ERP);
        assertEquals(Duration.ofSeconds(7), outbox.oldestDueAge());
        List<DueDelivery> taken = takeAll();
        assertEquals(Duration.ofSeconds(7), outbox.oldestDueAge(), "no more than some are in flight");

        get(outbox.setState(CRM, WebhookState.State.PAUSED, "by a person"));
        assertEquals(Duration.ZERO, outbox.oldestDueAge(), "a paused one may not send");
        deliverAll(taken);
        get(outbox.setState(CRM, WebhookState.State.ACTIVE, "by a person"));
        for (List<DueDelivery> some = takeAll(); !some.isEmpty(); some = takeAll()) {
            deliverAll(some);
        }
        assertEquals(Duration.ZERO, outbox.oldestDueAge());
    }

    @Test
    void due_deliveries_are_sent_before_new_ones() {
        due.close();
        List<String> old = storeOnly(CRM, 3);
        due.open();
        String fresh = accept(CRM);
        List<String> expected = new ArrayList<>(old);
        expected.add(fresh);
        assertEquals(expected, ids(takeAll()));
    }

    @Test
    void a_webhook_with_ten_thousand_due_does_not_hold_back_another() {
        due.close();
        storeOnly(CRM, 10_000);
        List<String> few = storeOnly(ERP, 3);
        due.open();
        due.awaitCaughtUp();
        List<String> turns =
                IntStream.range(0, 6).mapToObj(i -> due.takeIfAny().id()).toList();
        assertTrue(turns.containsAll(few), "each webhook has its turn");
    }

    @Test
    void a_waiting_thread_is_woken_by_a_new_delivery() throws Exception {
        ExecutorService worker = Executors.newSingleThreadExecutor();
        try {
            Future<DueDelivery> next = worker.submit(due::take);
            String id = accept(CRM);
            assertEquals(id, next.get(60, TimeUnit.SECONDS).id());
        } finally {
            worker.shutdownNow();
        }
    }

    // --- first attempts and retries

    /** Rows that failed once and are due. */
    private List<String> dueRetries(WebhookId webhook, int count) {
        List<String> ids = storeOnly(webhook, count);
        Instant next = clock.instant().plusSeconds(5);
        AttemptRow attempt = SampleAttempt.of(1, clock.instant(), 1, "try-later", "", null, 500, null, null);
        List<CompletionStage<?>> recorded = new ArrayList<>();
        ids.forEach(id -> recorded.add(store.outcomes()
                .record(new AttemptResult(id, webhook, DeliveryState.WAITING, "", next, attempt, null, null))));
        recorded.forEach(Patience::get);
        pass(Duration.ofSeconds(6));
        return ids;
    }

    private static long retriesIn(List<DueDelivery> deliveries) {
        return deliveries.stream().filter(d -> d.attempts() > 0).count();
    }

    @Test
    void many_due_retries_leave_half_of_the_limit_to_first_attempts() {
        due.close();
        dueRetries(CRM, 1_000);
        start();
        assertEquals(16, retriesIn(takeAll()), "while nothing else waits they have all");
        due.close();
        start();
        List<String> fresh = accept(CRM, 40);
        List<DueDelivery> taken = takeAll();
        assertEquals(16, taken.size());
        assertEquals(8, retriesIn(taken));
        List<String> first = ids(taken.stream().filter(d -> d.attempts() == 0).toList());
        assertEquals(fresh.subList(0, 8), first, "in the order of acceptance");
    }

    @Test
    void first_attempts_of_another_process_are_found_behind_many_due_retries() {
        due.close();
        dueRetries(CRM, 6_000);
        List<String> fresh = storeOnly(CRM, 20);
        start();
        List<DueDelivery> taken = takeAll();
        List<String> first = ids(taken.stream().filter(d -> d.attempts() == 0).toList());
        assertEquals(fresh.subList(0, 8), first);
        List<String> later = storeOnly(CRM, 1);
        due.look(CRM);
        List<String> sent = new ArrayList<>(first);
        for (int rounds = 0; !sent.containsAll(later); rounds++) {
            assertTrue(rounds < 20, "still not found: " + later);
            taken.forEach(this::deliver);
            taken = takeAll();
            sent.addAll(ids(taken.stream().filter(d -> d.attempts() == 0).toList()));
        }
        List<String> all = new ArrayList<>(fresh);
        all.addAll(later);
        assertEquals(all, sent);
    }

    @Test
    void many_first_attempts_leave_half_of_the_limit_to_retries() {
        due.close();
        List<String> retries = dueRetries(CRM, 20);
        storeOnly(CRM, 1_000);
        start();
        List<DueDelivery> taken = takeAll();
        assertEquals(8, retriesIn(taken));
        assertEquals(16, taken.size());
        List<String> sent = new ArrayList<>();
        for (int rounds = 0; rounds < 4; rounds++) {
            sent.addAll(ids(taken.stream().filter(d -> d.attempts() > 0).toList()));
            deliverAll(taken);
            taken = takeAll();
        }
        assertEquals(new HashSet<>(retries), new HashSet<>(sent));
    }

    @Test
    void with_a_limit_of_one_first_attempts_and_retries_alternate() {
        accept(CRM, 200);
        for (int round = 0; round < 5; round++) {
            takeAll().forEach(d -> fail(d, Duration.ofSeconds(5), true));
        }
        pass(Duration.ofSeconds(5));
        List<Long> turns = new ArrayList<>();
        for (int round = 0; round < 6; round++) {
            pass(Duration.ofSeconds(2));
            List<DueDelivery> one = takeAll();
            assertEquals(1, one.size());
            turns.add(retriesIn(one));
            fail(one.get(0), Duration.ofHours(1), true);
        }
        assertEquals(3, turns.stream().mapToLong(retry -> retry).sum(), turns.toString());
    }

    @Test
    void the_retries_of_many_webhooks_do_not_hold_back_the_first_attempts_of_one() {
        due.close();
        List<WebhookId> many = manyWebhooks();
        many.forEach(webhook -> dueRetries(webhook, 3));
        start();
        manyWebhooks();
        due.awaitCaughtUp();
        accept(CRM, 10);
        List<DueDelivery> first =
                IntStream.range(0, 20).mapToObj(i -> due.takeIfAny()).toList();
        assertEquals(10, retriesIn(first));
    }

    // --- rate limits

    private void limit(String rate, Batch together) {
        due.define(Map.of(CRM, new RequestLimit(together, RateLimit.of(rate).orElseThrow()), ERP, RequestLimit.NONE));
    }

    @Test
    void a_rate_limit_spreads_requests_and_delays_no_other_webhook() {
        limit("10/s", ALONE);
        List<String> accepted = accept(CRM, 30);
        List<DueDelivery> sent = new ArrayList<>(takeAll());
        assertEquals(2, sent.size(), "one, and a tenth of a second ahead");
        List<String> others = accept(ERP, 10);
        assertEquals(others, ids(takeAll()));
        for (int tenths = 1; tenths <= 8; tenths++) {
            deliverAll(sent.subList(sent.size() - 1, sent.size()));
            pass(Duration.ofMillis(100));
            List<DueDelivery> next = takeAll();
            assertEquals(1, next.size(), "after " + tenths + " tenths of a second");
            sent.addAll(next);
        }
        assertEquals(accepted.subList(0, 10), ids(sent));
    }

    @Test
    void a_request_that_begins_late_counts_from_then() {
        limit("2/s", ALONE);
        accept(CRM, 4);
        DueDelivery late = takeAll().get(0);
        pass(Duration.ofMillis(400));
        assertEquals(1, takeAll().size());
        pass(Duration.ofMillis(500));
        due.outbox().requestBegins(late.id(), true);
        pass(Duration.ofMillis(501));
        assertEquals(1, takeAll().size(), "the second of two was taken a second ago");
        pass(Duration.ofMillis(499));
        assertEquals(0, takeAll().size());
        pass(Duration.ofMillis(2));
        assertEquals(1, takeAll().size());
    }

    @Test
    void removing_a_rate_limit_sends_up_to_the_concurrency_limit() {
        limit("1/h", ALONE);
        accept(CRM, 10);
        assertEquals(1, takeAll().size());
        due.define(Set.of(CRM, ERP));
        assertEquals(9, takeAll().size());
    }

    @Test
    void deliveries_of_one_batch_are_taken_together() {
        limit("1/m", new Batch(5, Duration.ofMillis(50)));
        accept(CRM, 12);
        assertEquals(5, takeAll().size());
        pass(Duration.ofSeconds(59));
        assertEquals(List.of(), takeAll());
        pass(Duration.ofMillis(1_001));
        assertEquals(5, takeAll().size());
    }

    @Test
    void rate_limited_deliveries_do_not_throttle_ingest() {
        limit("1/h", ALONE);
        accept(CRM, 10);
        takeAll();
        assertEquals(0, due.backlog().sendable());
    }

    @Test
    void a_rate_limit_keeps_its_history_when_the_batch_size_changes() {
        limit("1/h", ALONE);
        accept(CRM, 10);
        assertEquals(1, takeAll().size());
        limit("1/h", new Batch(5, Duration.ofMillis(50)));
        pass(Duration.ofSeconds(1));
        assertEquals(List.of(), takeAll());
    }

    @Test
    void only_deliveries_that_the_rate_allows_soon_throttle_ingest() {
        limit("50/s", ALONE);
        storeOnly(CRM, 2_000);
        due.due(CRM, clock.instant(), 2_000);
        due.awaitCaughtUp();
        assertEquals(500, due.backlog().sendable(), "ten seconds of it");
    }

    @Test
    void rate_limited_deliveries_leave_memory_to_others() {
        due.close();
        List<WebhookId> many = IntStream.range(0, 150)
                .mapToObj(i -> Ids.webhook("acme", "limited-" + i))
                .toList();
        many.forEach(webhook -> storeOnly(webhook, 40));
        RequestLimit limit = new RequestLimit(ALONE, RateLimit.of("1/h").orElseThrow());
        Map<WebhookId, RequestLimit> all = new HashMap<>();
        many.forEach(webhook -> all.put(webhook, limit));
        all.put(CRM, RequestLimit.NONE);
        start();
        due.define(all);
        takeAll();
        accept(CRM, 40);
        assertEquals(16, takeAll().stream().filter(d -> d.webhook().equals(CRM)).count());
    }

    @Test
    void a_concurrency_limit_does_not_grow_while_the_rate_bounds_requests() {
        limit("50/s", ALONE);
        accept(CRM, 200);
        for (int round = 0; round < 100; round++) {
            deliverAll(takeAll());
            pass(Duration.ofMillis(20));
        }
        due.define(Set.of(CRM, ERP));
        assertEquals(16, takeAll().size());
    }

    @Test
    void an_idle_thread_sends_when_a_rate_allows_the_next_request() throws Exception {
        limit("10/s", ALONE);
        List<String> accepted = accept(CRM, 3);
        takeAll();
        ExecutorService workers = Executors.newFixedThreadPool(2);
        try {
            CompletionService<DueDelivery> next = new ExecutorCompletionService<>(workers);
            next.submit(due::take);
            next.submit(due::take);
            clock.pass(Duration.ofSeconds(1));
            assertEquals(accepted.get(2), next.poll(60, TimeUnit.SECONDS).get().id());
        } finally {
            due.close();
            workers.shutdownNow();
        }
    }

    // --- the in-flight cap (semantics 18)

    @Test
    void sixteen_requests_are_in_flight_at_first_and_one_more_with_each_response() {
        accept(CRM, 50);
        List<DueDelivery> inFlight = takeAll();
        assertEquals(16, inFlight.size());
        deliver(inFlight.get(0));
        assertEquals(2, takeAll().size());
    }

    @Test
    void dispatched_deliveries_that_have_not_begun_are_recalled_when_the_webhook_is_paused() throws Exception {
        List<DueDelivery> begun = new ArrayList<>();
        due.close();
        due.open(begun::add);
        List<String> accepted = accept(CRM, 5);
        assertTrue(due.runTask());
        assertTrue(accepted.stream().allMatch(delivery -> due.isInFlight(CRM, delivery)));
        get(outbox.setState(CRM, State.PAUSED, "by a person"));
        assertTrue(accepted.stream().skip(1).noneMatch(delivery -> due.isInFlight(CRM, delivery)));
        get(outbox.setState(CRM, State.ACTIVE, null));
        due.awaitCaughtUp();
        while (due.runTask()) {}
        assertEquals(accepted, ids(begun));
    }

    @Test
    void the_limit_grows_with_responses_up_to_the_maximum() {
        accept(CRM, 500);
        int most = 0;
        for (int round = 0; round < 20; round++) {
            List<DueDelivery> inFlight = takeAll();
            assertTrue(inFlight.size() <= LARGEST_CAP, inFlight.size() + " in flight");
            most = Math.max(most, inFlight.size());
            deliverAll(inFlight);
        }
        assertEquals(LARGEST_CAP, most);
    }

    private List<WebhookId> manyWebhooks() {
        List<WebhookId> many = IntStream.range(0, 30)
                .mapToObj(i -> Ids.webhook("acme", "slow-" + i))
                .toList();
        Set<WebhookId> all = new HashSet<>(many);
        all.add(CRM);
        due.define(all);
        return many;
    }

    private void timeOut(DueDelivery d) {
        Instant next = clock.instant().plusSeconds(5);
        AttemptRow attempt = attempt(d, "try-later", null);
        finish(d, new AttemptResult(d.id(), d.webhook(), DeliveryState.WAITING, "", next, attempt, null, null), true);
    }

    /** Semantics 18. */
    @Test
    void timed_out_webhooks_share_a_quarter_of_the_budget_until_they_respond() {
        due.close();
        start(new OutboxFixture(store, clock, 40, LARGEST_CAP));
        manyWebhooks().forEach(this::accept);
        List<DueDelivery> first = takeAll();
        assertEquals(30, first.size());
        first.forEach(this::timeOut);
        pass(Duration.ofSeconds(5));
        List<DueDelivery> second = takeAll();
        assertEquals(10, second.size());
        accept(CRM, 16);
        assertEquals(16, takeAll().size());
        deliver(second.get(0));
        timeOut(second.get(1));
        assertEquals(2, takeAll().size());
        accept(second.get(0).webhook(), 3);
        assertEquals(3, takeAll().size(), "it answered");
    }

    @Test
    void a_timed_out_webhook_has_one_probe_until_it_responds() {
        accept(CRM, 20);
        List<DueDelivery> first = takeAll();
        first.forEach(this::timeOut);
        pass(Duration.ofSeconds(5));
        List<DueDelivery> probe = takeAll();
        assertEquals(1, probe.size());
        deliver(probe.get(0));
        assertTrue(takeAll().size() > 1);
    }

    @Test
    void the_last_timed_out_webhook_is_served_when_there_is_room() throws Exception {
        due.close();
        start(new OutboxFixture(store, clock, 40, LARGEST_CAP));
        manyWebhooks().forEach(this::accept);
        takeAll().forEach(this::timeOut);
        pass(Duration.ofSeconds(5));
        List<DueDelivery> full = takeAll();
        ExecutorService taker = Executors.newSingleThreadExecutor();
        try {
            Future<DueDelivery> next = taker.submit(due::take);
            timeOut(full.get(0));
            assertTrue(next.get(60, TimeUnit.SECONDS).webhook().name().startsWith("slow-"));
        } finally {
            taker.shutdownNow();
        }
    }

    /** However many requests one account has in flight. */
    @Test
    void an_account_leaves_part_of_the_budget_to_others() {
        due.close();
        start(new OutboxFixture(store, clock, 20, LARGEST_CAP));
        WebhookId others = Ids.webhook("globex", "crm");
        due.define(Set.of(CRM, Ids.webhook("acme", "other"), others));
        accept(CRM, 16);
        accept(Ids.webhook("acme", "other"), 16);
        List<DueDelivery> taken = takeAll();
        assertEquals(19, taken.size());
        accept(others, 16);
        assertEquals(1, takeAll().size());
        deliverAll(taken.subList(0, 4));
        assertEquals(4, takeAll().size(), "its share is ten");
    }

    @Test
    void continuing_attempts_wait_for_some_of_those_that_begin() {
        List<DueDelivery> begun = new ArrayList<>();
        due.close();
        due.open(begun::add);
        List<WebhookId> many = IntStream.range(0, 2 * Dispatcher.WINDOW)
                .mapToObj(i -> Ids.webhook("acme", "many-" + i))
                .toList();
        due.define(Set.copyOf(many));
        many.forEach(this::accept);
        assertEquals(Dispatcher.WINDOW, due.unstarted());
        for (int i = 0; i < Dispatcher.WINDOW / 2; i++) {
            assertTrue(due.runTask());
        }
        assertEquals(Dispatcher.WINDOW, due.unstarted(), "half of them have begun, and as many follow");
        while (due.runTask()) {}
        assertEquals(many.size(), begun.size());
    }

    @Test
    void overload_halves_the_limit_once_per_round_and_never_below_one() {
        accept(CRM, 200);
        List<Integer> rounds = new ArrayList<>();
        for (int round = 0; round < 6; round++) {
            pass(Duration.ofSeconds(2));
            List<DueDelivery> inFlight = takeAll();
            rounds.add(inFlight.size());
            inFlight.forEach(d -> fail(d, Duration.ofHours(1), true));
        }
        assertEquals(List.of(16, 8, 4, 2, 1, 1), rounds);
    }

    @Test
    void a_receiver_that_recovers_gets_more_again() {
        accept(CRM, 200);
        for (int round = 0; round < 8; round++) {
            takeAll().forEach(d -> fail(d, Duration.ofHours(1), true));
            pass(Duration.ofSeconds(2));
        }
        for (int round = 0; round < 30; round++) {
            deliverAll(takeAll());
            pass(Duration.ofSeconds(2));
        }
        assertTrue(takeAll().size() > 2);
    }

    // --- Retry-After (semantics 13)

    @Test
    void a_receiver_with_retry_after_gets_one_probe_after_the_hold() {
        accept(CRM, 5);
        DueDelivery first = due.takeIfAny();
        fail(first, Duration.ofSeconds(60));
        assertEquals(List.of(), takeAll());
        accept(CRM);
        pass(Duration.ofSeconds(59));
        assertEquals(List.of(), takeAll());
        pass(Duration.ofSeconds(1));
        List<DueDelivery> probe = takeAll();
        assertEquals(1, probe.size());
        deliverAll(probe);
        assertEquals(5, takeAll().size());
    }

    @Test
    void a_response_to_a_request_before_the_hold_does_not_end_the_probe() {
        accept(CRM, 10);
        DueDelivery first = due.takeIfAny();
        DueDelivery second = due.takeIfAny();
        fail(first, Duration.ofSeconds(60));
        deliver(second);
        pass(Duration.ofSeconds(60));
        assertEquals(1, takeAll().size());
    }

    @Test
    void a_shorter_retry_after_does_not_shorten_a_hold() {
        accept(CRM, 10);
        DueDelivery first = due.takeIfAny();
        DueDelivery second = due.takeIfAny();
        fail(first, Duration.ofSeconds(60));
        fail(second, Duration.ofSeconds(1));
        pass(Duration.ofSeconds(59));
        assertEquals(List.of(), takeAll());
        pass(Duration.ofSeconds(1));
        assertEquals(1, takeAll().size());
    }

    @Test
    void a_hold_that_begins_after_a_retry_was_planned_does_not_strand_the_retry() {
        accept(CRM, 2);
        List<DueDelivery> both = takeAll();
        fail(both.get(0), Duration.ofSeconds(5), false);
        due.awaitCaughtUp();
        fail(both.get(1), Duration.ofSeconds(60));
        pass(Duration.ofSeconds(5));
        assertEquals(List.of(), takeAll());
        pass(Duration.ofSeconds(55));
        assertEquals(List.of(both.get(0).id()), ids(takeAll()));
    }

    @Test
    void a_hold_of_one_webhook_does_not_affect_another() {
        accept(CRM, 2);
        fail(due.takeIfAny(), Duration.ofSeconds(60));
        String other = accept(ERP);
        assertEquals(List.of(other), ids(takeAll()));
    }

    @Test
    void a_manual_replay_overrides_the_hold() {
        accept(CRM, 5);
        DueDelivery first = due.takeIfAny();
        fail(first, Duration.ofSeconds(60));
        assertEquals(ReplayJobs.Replayed.DUE, get(outbox.manual().replay(CRM, first.id(), null)));
        assertEquals(1, takeAll().size());
    }

    @Test
    void a_hold_survives_a_restart() {
        accept(CRM, 5);
        fail(due.takeIfAny(), Duration.ofSeconds(60));
        due.close();
        start();
        assertEquals(List.of(), takeAll());
        pass(Duration.ofSeconds(60));
        assertEquals(1, takeAll().size());
    }

    // --- states

    @Test
    void after_a_410_nothing_is_sent_and_the_rest_stays_pending() {
        accept(CRM, 10);
        gone(due.takeIfAny());
        assertEquals(State.DISABLED, due.state(CRM).state());
        assertEquals(List.of(), takeAll());
        pass(Duration.ofDays(3));
        assertEquals(List.of(), takeAll());
        assertEquals(9, store.waitingCount());
    }

    @Test
    void failing_probes_keep_the_limit_at_one() {
        accept(CRM, 80);
        gone(due.takeIfAny());
        get(outbox.setState(CRM, State.ACTIVE, null));
        for (int i = 0; i < 40; i++) {
            fail(takeAll().get(0), Duration.ofHours(1), false);
        }
        deliver(takeAll().get(0));
        assertEquals(16, takeAll().size());
    }

    @Test
    void a_resumed_webhook_gets_one_request_at_a_time_until_one_succeeds() {
        accept(CRM, 10);
        gone(due.takeIfAny());
        get(outbox.setState(CRM, State.ACTIVE, null));
        for (int failures = 0; failures < 3; failures++) {
            List<DueDelivery> probe = takeAll();
            assertEquals(1, probe.size(), "after " + failures + " that failed");
            fail(probe.get(0), Duration.ofHours(1), false);
        }
        deliverAll(takeAll());
        assertEquals(5, takeAll().size());
    }

    @Test
    void a_delivered_test_does_not_show_that_a_resumed_webhook_works() {
        accept(CRM, 10);
        gone(due.takeIfAny());
        get(outbox.setState(CRM, State.ACTIVE, null));
        DueDelivery test = takeAll().get(0);
        finish(test, delivered(test).withHealth(AttemptResult.Health.TEST), false);
        List<DueDelivery> probe = takeAll();
        assertEquals(1, probe.size());
        deliverAll(probe);
        assertEquals(7, takeAll().size());
    }

    @Test
    void a_disabled_webhook_that_was_paused_is_probed_after_the_resume() {
        accept(CRM, 10);
        gone(due.takeIfAny());
        get(outbox.setState(CRM, State.PAUSED, null));
        get(outbox.setState(CRM, State.ACTIVE, null));
        assertEquals(1, takeAll().size());
    }

    @Test
    void a_resumed_webhook_gets_one_request_at_a_time_after_a_restart_until_one_succeeds() {
        accept(CRM, 10);
        gone(due.takeIfAny());
        get(outbox.setState(CRM, State.ACTIVE, null));
        due.close();
        start();
        List<DueDelivery> probe = takeAll();
        assertEquals(1, probe.size());
        fail(probe.get(0), Duration.ofHours(1), false);
        due.close();
        start();
        deliverAll(takeAll());
        assertEquals(7, takeAll().size());
        due.close();
        start();
        assertEquals(7, takeAll().size(), "one has arrived");
    }

    @Test
    void a_410_to_the_probe_disables_again() {
        accept(CRM, 10);
        gone(due.takeIfAny());
        get(outbox.setState(CRM, State.ACTIVE, null));
        gone(takeAll().get(0));
        assertEquals(State.DISABLED, due.state(CRM).state());
        assertEquals(List.of(), takeAll());
    }

    @Test
    void deliveries_of_a_paused_webhook_are_sent_when_it_is_resumed() {
        List<String> before = accept(CRM, 5);
        get(outbox.setState(CRM, State.PAUSED, "holiday"));
        List<String> during = accept(CRM, 5);
        String other = accept(ERP);
        assertEquals(List.of(other), ids(takeAll()));
        get(outbox.setState(CRM, State.ACTIVE, null));
        List<String> all = new ArrayList<>(before);
        all.addAll(during);
        assertEquals(all, ids(takeAll()));
    }

    @Test
    void an_attempt_in_flight_at_a_pause_completes_and_stays_pending_if_it_failed() {
        accept(CRM);
        DueDelivery taken = due.takeIfAny();
        get(outbox.setState(CRM, State.PAUSED, null));
        fail(taken, Duration.ofSeconds(5), false);
        pass(Duration.ofSeconds(5));
        assertEquals(List.of(), takeAll());
        get(outbox.setState(CRM, State.ACTIVE, null));
        assertEquals(1, takeAll().get(0).attempts());
    }

    @Test
    void a_pause_survives_a_restart() {
        accept(CRM, 2);
        get(outbox.setState(CRM, State.PAUSED, null));
        due.close();
        start();
        assertEquals(State.PAUSED, due.state(CRM).state());
        assertEquals(List.of(), takeAll());
    }

    @Test
    void pauses_do_not_count_as_age_and_are_not_counted_twice() {
        get(outbox.setState(CRM, State.PAUSED, null));
        clock.pass(Duration.ofHours(1));
        assertEquals(Duration.ofHours(1), due.pausedTotal(CRM));
        get(outbox.setState(CRM, State.DISABLED, null));
        clock.pass(Duration.ofHours(1));
        WebhookState active = get(outbox.setState(CRM, State.ACTIVE, null));
        clock.pass(Duration.ofHours(5));
        assertEquals(Duration.ofHours(2), active.pausedTotal());
        assertEquals(Duration.ofHours(2), due.pausedTotal(CRM));
        accept(CRM);
        assertEquals(Duration.ofHours(2), due.takeIfAny().pausedBefore());
    }

    /** A person resumes it between the look at the store and what follows from it. */
    @Test
    void a_state_read_before_a_change_does_not_undo_it() {
        WebhookState paused = get(outbox.setState(CRM, State.PAUSED, null));
        start(InterceptedStore.of(store)
                .on("webhookState", (arguments, real) -> {
                    Object state = real.proceed();
                    if (state.equals(Optional.of(paused))) {
                        due.changed(get(store.outcomes().setState(CRM, State.ACTIVE, null, clock.instant())));
                    }
                    return state;
                })
                .build());
        due.changed(get(store.outcomes().setState(CRM, State.ACTIVE, null, clock.instant())));
        get(store.outcomes().setState(CRM, State.PAUSED, null, paused.since()));
        long changes = due.changes();
        due.agree(CRM);
        assertEquals(State.ACTIVE, due.state(CRM).state());
        assertEquals(changes + 1, due.changes(), "nothing but what the person did");
    }

    @Test
    void a_webhook_removed_from_the_configuration_continues_when_it_returns() {
        List<String> ids = accept(CRM, 3);
        due.define(Set.of(ERP));
        assertEquals(List.of(), takeAll());
        due.define(Set.of(CRM, ERP));
        assertEquals(ids, ids(takeAll()));
    }

    @Test
    void large_events_of_an_account_take_its_share_of_memory_until_their_deliveries_end() {
        due.close();
        WebhookId other = Ids.webhook("globex", "erp");
        String first = storeOnly(CRM, 1).get(0);
        long size =
                Due.of(store.due(), CRM, clock.instant(), 1, List.of()).get(0).bytes();
        start(new OutboxFixture(store, clock, 10_000, LARGEST_CAP, size));
        due.define(Set.of(CRM, ERP, other));
        List<DueDelivery> inFlight = takeAll();
        assertEquals(List.of(first), ids(inFlight));
        String second = SampleIntake.newId(clock);
        assertFalse(due.reserve(CRM, second), "the account has used up its memory");
        assertFalse(due.reserve(ERP, second), "however many webhooks it has");
        assertTrue(due.reserve(other, second), "another account has room");
        due.release(other, second);

        List<String> ids = storeOnly(ERP, 60);
        due.look(ERP);
        assertEquals(List.of(), takeAll());
        deliverAll(inFlight);
        List<String> sent = new ArrayList<>();
        for (List<DueDelivery> some = takeAll(); !some.isEmpty(); some = takeAll()) {
            deliverAll(some);
            sent.addAll(ids(some));
        }
        assertEquals(ids, sent);
    }

    @Test
    void a_queue_that_waits_for_memory_is_read_although_the_one_before_it_cannot_be() {
        due.close();
        storeOnly(CRM, 1);
        long size =
                Due.of(store.due(), CRM, clock.instant(), 1, List.of()).get(0).bytes();
        start(new OutboxFixture(store, clock, 10_000, LARGEST_CAP, size));
        due.define(Set.of(CRM, ERP, SALES));
        List<DueDelivery> inFlight = takeAll();
        String later = storeOnly(ERP, 1).get(0);
        storeOnly(SALES, 1);
        due.look(SALES);
        due.awaitCaughtUp();
        due.look(ERP);
        due.awaitCaughtUp();
        get(outbox.setState(SALES, WebhookState.State.PAUSED, "by staff"));
        deliverAll(inFlight);
        assertEquals(List.of(later), ids(takeAll()));
    }

    @Test
    void accounts_are_served_round_robin_however_many_webhooks_one_has() {
        due.close();
        List<WebhookId> many = IntStream.range(0, 20)
                .mapToObj(i -> Ids.webhook("acme", "many-" + i))
                .toList();
        WebhookId one = Ids.webhook("globex", "one");
        start();
        Set<WebhookId> all = new HashSet<>(many);
        all.add(one);
        due.define(all);
        many.forEach(webhook -> get(outbox.acceptance()
                .accept(List.of(SampleIntake.event("m" + events++)
                        .to(webhook.name(), clock)
                        .intake()))));
        get(outbox.acceptance()
                .accept(List.of(new SampleIntake("globex", "m" + events++, "call.ended", null, "{}", List.of())
                        .to(one.name(), clock)
                        .intake())));
        due.awaitCaughtUp();
        List<String> firstTwo = List.of(due.takeIfAny(), due.takeIfAny()).stream()
                .map(delivery -> delivery.webhook().account())
                .toList();
        assertTrue(firstTwo.contains("globex"), firstTwo.toString());
    }

    @Test
    void a_paused_webhook_removed_from_the_configuration_is_paused_when_it_returns() {
        get(outbox.setState(CRM, State.PAUSED, null));
        due.define(Set.of(ERP));
        due.define(Set.of(CRM, ERP));
        accept(CRM);
        assertEquals(List.of(), takeAll());
    }

    // --- time

    @Test
    void a_retry_is_due_at_its_time_and_not_before() {
        String id = accept(CRM);
        fail(due.takeIfAny(), Duration.ofMinutes(5), false);
        assertEquals(List.of(), takeAll());
        pass(Duration.ofMinutes(5).minusMillis(1));
        assertEquals(List.of(), takeAll());
        pass(Duration.ofMillis(1));
        DueDelivery again = takeAll().get(0);
        assertEquals(id, again.id());
        assertEquals(1, again.attempts());
    }

    @Test
    void a_retry_far_away_does_not_delay_a_nearer_one() {
        accept(CRM, 2);
        List<DueDelivery> both = takeAll();
        fail(both.get(0), Duration.ofDays(1), false);
        fail(both.get(1), Duration.ofSeconds(5), false);
        pass(Duration.ofSeconds(5));
        assertEquals(List.of(both.get(1).id()), ids(takeAll()));
    }

    @Test
    void a_clock_that_is_set_forward_is_noticed_without_being_reported() {
        accept(CRM);
        fail(due.takeIfAny(), Duration.ofHours(1), false);
        clock.pass(Duration.ofHours(1));
        await().until(() -> due.takeIfAny() != null);
    }

    @Test
    void a_delivery_released_by_a_field_is_sent_with_the_later_event() {
        SampleIntake waits =
                SampleIntake.event("w1").about("call/7").waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock);
        get(outbox.acceptance().accept(List.of(waits.intake())));
        assertEquals(List.of(), takeAll());
        get(outbox.acceptance()
                .accept(List.of(SampleIntake.event("w2")
                        .about("call/7")
                        .with("{\"rec\":1}")
                        .intake())));
        DueDelivery released = takeAll().get(0);
        assertEquals(waits.deliveryId(), released.id());
        assertEquals("w2", released.laterEvent().id());
    }

    @Test
    void a_delivery_whose_field_never_arrives_is_sent_without_it() {
        SampleIntake waits =
                SampleIntake.event("w1").about("call/7").waitingFor("data.rec", Duration.ofMinutes(30), "crm", clock);
        get(outbox.acceptance().accept(List.of(waits.intake())));
        pass(Duration.ofMinutes(30));
        assertNull(takeAll().get(0).laterEvent());
    }

    // --- hand-over

    @Test
    void a_duplicate_releases_its_reservation() {
        SampleIntake intake = SampleIntake.event("e1").to("crm", clock);
        get(outbox.acceptance().accept(List.of(intake.intake())));
        for (int i = 0; i < 100; i++) {
            get(outbox.acceptance()
                    .accept(List.of(SampleIntake.event("e1").to("crm", clock).intake())));
        }
        assertEquals(List.of(intake.deliveryId()), ids(takeAll()));
        String next = accept(CRM);
        assertEquals(List.of(next), ids(takeAll()));
    }

    @Test
    void released_reservations_make_room_for_due_rows() {
        List<String> reserved = IntStream.range(0, 32).mapToObj(i -> "id" + i).toList();
        reserved.forEach(id -> assertTrue(due.reserve(CRM, id)));
        assertFalse(due.reserve(CRM, "one too many"));
        List<String> rows = storeOnly(CRM, 3);
        due.due(CRM, clock.instant());
        assertEquals(List.of(), takeAll());
        reserved.forEach(id -> due.release(CRM, id));
        assertEquals(rows, ids(takeAll()));
    }

    @Test
    void an_unrecorded_delivery_frees_its_slot_and_is_sent_again_after_a_restart() {
        List<String> accepted = accept(CRM, 20);
        ids(takeAll()).forEach(due::lost);
        assertEquals(accepted.subList(16, 20), ids(takeAll()));
        due.close();
        start();
        assertEquals(accepted.subList(0, 16), ids(takeAll()));
    }

    @Test
    void a_webhook_whose_outcomes_cannot_be_recorded_sends_a_bounded_number() {
        accept(CRM, 300);
        int taken = 0;
        for (List<DueDelivery> some = takeAll(); !some.isEmpty(); some = takeAll()) {
            taken += some.size();
            ids(some).forEach(due::lost);
        }
        assertTrue(taken < 150, taken + " were sent");
    }

    // --- stop and start

    @Test
    void stop_and_start_lose_and_repeat_no_delivery() {
        List<String> accepted = accept(CRM, 40);
        List<DueDelivery> inFlight = takeAll();
        due.close();
        assertNull(due.takeIfAny());
        deliverAll(inFlight.subList(0, 8));
        fail(inFlight.get(8), Duration.ZERO, false);
        List<String> whileClosed = accept(CRM, 3);
        due.open();
        List<String> rest = new ArrayList<>();
        for (List<DueDelivery> some = takeAll(); !some.isEmpty(); some = takeAll()) {
            rest.addAll(ids(some));
            deliverAll(some);
        }
        List<String> expected = new ArrayList<>(accepted.subList(16, 40));
        expected.addAll(whileClosed);
        expected.add(accepted.get(8));
        assertEquals(expected.size(), rest.size());
        assertEquals(new HashSet<>(expected), new HashSet<>(rest));
    }

    @Test
    void a_dispatched_delivery_does_not_begin_after_a_stop_but_after_the_next_start() {
        List<DueDelivery> begun = new ArrayList<>();
        due.close();
        due.open(begun::add);
        String id = accept(CRM);
        due.close();
        assertTrue(due.runTask());
        assertEquals(List.of(), begun);
        due.open(begun::add);
        due.awaitCaughtUp();
        while (due.runTask()) {}
        assertEquals(List.of(id), ids(begun));
    }

    @Test
    void a_second_start_has_no_effect() {
        due.open();
        String id = accept(CRM);
        assertEquals(List.of(id), ids(takeAll()));
    }

    @Test
    void a_delivery_accepted_during_a_read_is_dispatched_once() {
        due.close();
        List<String> ids = new ArrayList<>(storeOnly(CRM, 1));
        start(with(store, "due", () -> {
            if (ids.size() == 1) {
                ids.add(accept(CRM));
            }
        }));
        assertEquals(ids, ids(takeAll()));
    }

    @Test
    void a_failed_read_is_retried() {
        due.close();
        AtomicInteger faults = new AtomicInteger();
        List<String> ids = storeOnly(CRM, 1);
        start(with(store, "due", () -> {
            switch (faults.incrementAndGet()) {
                case 1 -> throw new StoreException("disk on fire", null);
                case 2 -> throw new NullPointerException("a fault of ours");
                default -> {}
            }
        }));
        await().until(() -> faults.get() >= 3);
        assertEquals(ids, ids(takeAll()));
    }

    @Test
    void a_pending_delivery_is_discarded_during_a_read() throws Exception {
        due.close();
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        start(with(store, "due", () -> {
            reading.countDown();
            await().until(() -> goOn.getCount() == 0);
        }));
        storeOnly(CRM, 100);
        due.due(CRM, clock.instant());
        assertTrue(reading.await(180, TimeUnit.SECONDS));
        Instant until = clock.instant().plusSeconds(10);
        assertEquals(new ManualOperations.Handled(100, false), outbox.manual().discard(CRM, "by a person", until));
        goOn.countDown();
        due.awaitCaughtUp();
        assertEquals(List.of(), takeAll());
    }

    /** The store, where something happens before each call of a method. */
    private static Store with(Store store, String name, Runnable happens) {
        return InterceptedStore.of(store)
                .on(name, (arguments, real) -> {
                    happens.run();
                    return real.proceed();
                })
                .build();
    }

    @Test
    void a_webhook_disabled_by_failures_begins_with_one_probe_when_resumed() {
        List<String> all = accept(CRM, 8);
        DueDelivery first = due.takeIfAny();
        AttemptRow attempt = SampleAttempt.of(1, clock.instant(), 1, "try-later", "", null, 500, null, null);
        AttemptResult failed = new AttemptResult(
                        first.id(), CRM, DeliveryState.WAITING, "500", clock.instant(), attempt, null, null)
                .withDisableAfter(Duration.ofDays(5));
        get(store.outcomes().record(failed));
        pass(Duration.ofDays(5));
        assertTrue(ids(takeAll()).contains(first.id()));
        String reason = get(store.outcomes().record(failed)).disableReason();
        assertEquals(List.of(), takeAll());
        assertEquals(State.DISABLED, due.state(CRM).state());
        assertEquals(reason, due.state(CRM).reason());
        due.close();
        start();
        assertEquals(List.of(), takeAll(), "the next start knows");
        get(outbox.setState(CRM, State.ACTIVE, null));
        assertEquals(1, takeAll().size(), "one probe");
        assertEquals(all.size(), store.waitingCount());
    }
}
