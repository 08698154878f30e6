package io.engagementwebhooks.outbox;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.outbox.WaitingFor.Cause;
import io.engagementwebhooks.outbox.WaitingFor.Kind;
import io.engagementwebhooks.outbox.WaitingFor.Limiter;
import io.engagementwebhooks.store.accept.Intake;
import io.engagementwebhooks.store.due.DueDelivery;
import io.engagementwebhooks.store.due.FifoSuccession;
import io.engagementwebhooks.store.outcome.AttemptResult;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.query.AttemptRow;
import io.engagementwebhooks.store.query.DeliveryRow;
import io.engagementwebhooks.store.query.DeliveryState;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.webhook.Batch;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.WebhookId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a delivery waits for (semantics 43), over a real store. {@link SharedOutboxTest} has webhooks of other
 * instances.
 */
@Timeout(300)
class WaitReasonsTest extends OverRealStore {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final long PLENTY = 64L << 20;

    /** Requests in flight that a webhook begins with. */
    private static final int AT_FIRST = 16;

    @Override
    OutboxFixture made() {
        return new OutboxFixture(store, clock, 10_000, 20);
    }

    @Override
    Set<WebhookId> webhooks() {
        return Set.of(CRM, ERP);
    }

    private void start(int inFlight, int perWebhook) {
        start(inFlight, perWebhook, PLENTY);
    }

    private void start(int inFlight, int perWebhook, long maxEventBytes) {
        due.close();
        start(new OutboxFixture(store, clock, inFlight, perWebhook, maxEventBytes));
    }

    private SampleIntake event() {
        return SampleIntake.event("e" + events++);
    }

    private String accept(SampleIntake intake) {
        get(outbox.acceptance().accept(List.of(intake.intake())));
        return intake.deliveryId();
    }

    private String accept(WebhookId webhook) {
        return accept(event().to(webhook, clock));
    }

    private List<String> accept(WebhookId webhook, int count) {
        List<SampleIntake> intakes = IntStream.range(0, count)
                .mapToObj(i -> event().to(webhook, clock))
                .toList();
        List<Intake> batch = intakes.stream().map(SampleIntake::intake).toList();
        get(outbox.acceptance().accept(batch));
        return intakes.stream().map(SampleIntake::deliveryId).toList();
    }

    private AttemptResult failed(DueDelivery d, Integer status, Duration retryIn, Duration hold) {
        Instant now = clock.instant();
        AttemptRow attempt = SampleAttempt.of(d.attempts() + 1, now, 1, "try-later", "", null, status, null, null);
        Instant heldUntil = hold == null ? null : now.plus(hold);
        return new AttemptResult(
                d.id(), d.webhook(), DeliveryState.WAITING, "", now.plus(retryIn), attempt, heldUntil, null);
    }

    /** As for lack of a token. */
    private void unsent(String delivery, Duration retryIn) {
        Instant dueAt = clock.instant().plus(retryIn);
        get(store.outcomes()
                .record(new AttemptResult(delivery, CRM, DeliveryState.WAITING, "no token", dueAt, null, null, null)));
    }

    private DeliveryRow row(String delivery) {
        return store.deliveries().delivery("acme", delivery).orElseThrow();
    }

    private WaitingFor reason(String delivery) {
        return outbox.waitingFor(List.of(row(delivery))).get(delivery);
    }

    private static WaitingFor next(int unanswered) {
        return new WaitingFor.Dispatch(0, true, unanswered);
    }

    @Test
    void a_failed_delivery_waits_for_its_retry_and_then_in_the_queue() {
        String id = accept(CRM);
        get(store.outcomes().record(failed(takeAll().get(0), 500, HOUR, null)));
        assertEquals(new WaitingFor.Retry(clock.instant().plus(HOUR)), reason(id));
        pass(HOUR);
        assertEquals(next(0), reason(id));
    }

    @Test
    void a_delivery_in_flight_waits_for_the_response_and_an_ended_one_for_nothing() {
        String id = accept(CRM);
        Instant begun = clock.instant();
        DueDelivery taken = takeAll().get(0);
        pass(HOUR);
        assertEquals(new WaitingFor.Response(begun), reason(id));
        AttemptRow attempt = SampleAttempt.of(1, begun, 1, "delivered", "", null, 200, null, null);
        get(store.outcomes()
                .record(new AttemptResult(taken.id(), CRM, DeliveryState.DELIVERED, "", null, attempt, null, null)));
        assertEquals(Map.of(), outbox.waitingFor(List.of(row(id))));
    }

    @Test
    void a_queued_delivery_reports_its_position_and_those_without_a_response() {
        List<String> ids = accept(CRM, 20);
        assertEquals(AT_FIRST, takeAll().size());
        assertEquals(new WaitingFor.Dispatch(16, true, 16), reason(ids.get(16)));
        assertEquals(new WaitingFor.Dispatch(19, true, 16), reason(ids.get(19)));
        pass(HOUR);
        assertEquals(new WaitingFor.Dispatch(19, true, 16), reason(ids.get(19)), "however long ago it became due");
    }

    @Test
    void the_positions_of_many_requested_deliveries_are_exact() {
        List<String> ids = accept(CRM, AT_FIRST + 250);
        takeAll();
        Map<String, WaitingFor> all =
                outbox.waitingFor(ids.stream().skip(AT_FIRST).map(this::row).toList());
        assertEquals(new WaitingFor.Dispatch(16, true, 16), all.get(ids.get(16)));
        assertEquals(new WaitingFor.Dispatch(265, true, 16), all.get(ids.get(265)));
        all = outbox.waitingFor(ids.stream().skip(60).map(this::row).toList());
        assertEquals(206, all.size());
        assertEquals(new WaitingFor.Dispatch(60, true, 16), all.get(ids.get(60)));
        assertEquals(new WaitingFor.Dispatch(61, true, 16), all.get(ids.get(61)));
    }

    @Test
    void a_blocked_delivery_names_the_head_of_its_key_and_when_it_overtakes_it() {
        String first = accept(event().inOrder("a", "crm", clock));
        String second = accept(event().inOrder("a", "crm", clock));
        assertEquals(new WaitingFor.FifoHead(first, null), reason(second));
        DueDelivery taken = takeAll().get(0);
        get(store.outcomes()
                .record(failed(taken, 500, HOUR.multipliedBy(2), null)
                        .withFifo(new FifoSuccession(taken.fifoKey(), HOUR))));
        assertEquals(new WaitingFor.FifoHead(first, clock.instant().plus(HOUR)), reason(second));
        accept(CRM);
        Duration held = HOUR.plusMinutes(10);
        get(store.outcomes().record(failed(takeAll().get(0), 429, HOUR.multipliedBy(9), held)));
        Instant until = clock.instant().plus(held);
        assertEquals(new WaitingFor.FifoHead(first, until), reason(second), "its receiver asked to wait");
        pass(held);
        assertEquals(next(0), reason(second), "it overtakes the first");
        assertEquals(new WaitingFor.Retry(clock.instant().plus(HOUR.minusMinutes(10))), reason(first));
    }

    @Test
    void an_overtaking_delivery_waits_for_the_head_of_its_key_while_both_are_due() {
        String first = accept(event().inOrder("a", "crm", clock));
        String second = accept(event().inOrder("a", "crm", clock));
        DueDelivery taken = takeAll().get(0);
        get(store.outcomes()
                .record(failed(taken, 500, HOUR.multipliedBy(2), null)
                        .withFifo(new FifoSuccession(taken.fifoKey(), HOUR))));
        pass(HOUR.multipliedBy(2));
        WaitingFor order = new WaitingFor.FifoHead(first, null);
        assertEquals(order, reason(second));
        assertEquals(List.of(first), takeAll().stream().map(DueDelivery::id).toList());
        assertEquals(order, reason(second), "the first is in flight");
    }

    @Test
    void an_unsent_delivery_waits_for_its_retry_even_with_a_key_or_a_field() {
        String first = accept(event().inOrder("a", "crm", clock));
        String second = accept(event().inOrder("a", "crm", clock));
        DueDelivery taken = takeAll().get(0);
        get(store.outcomes()
                .record(failed(taken, 500, HOUR.multipliedBy(3), null)
                        .withFifo(new FifoSuccession(taken.fifoKey(), HOUR))));
        String late = accept(event().about("call/7").waitingFor("data.recording_id", HOUR, "crm", clock));
        pass(HOUR);
        assertEquals(2, takeAll().size());
        unsent(second, HOUR);
        unsent(late, HOUR);
        WaitingFor retry = new WaitingFor.Retry(clock.instant().plus(HOUR));
        assertEquals(retry, reason(second));
        assertEquals(retry, reason(late));
        assertEquals(new WaitingFor.Retry(clock.instant().plus(HOUR.multipliedBy(2))), reason(first));
    }

    @Test
    void an_unrecorded_delivery_reports_that() {
        String id = accept(CRM);
        takeAll();
        due.lost(id);
        assertEquals(List.of(), takeAll());
        assertEquals(new WaitingFor.Paused(Cause.NOT_RECORDED), reason(id));
    }

    @Test
    void a_delivery_that_waits_for_a_thread_is_in_flight_and_not_counted_as_unanswered() throws Exception {
        due.close();
        due.open(begun -> {});
        List<String> ids = accept(CRM, AT_FIRST + 1);
        assertTrue(due.runTask());
        assertEquals(AT_FIRST - 1, due.unstarted());
        assertEquals(new WaitingFor.Response(clock.instant()), reason(ids.get(2)));
        assertEquals(new WaitingFor.Dispatch(AT_FIRST, true, 1), reason(ids.get(AT_FIRST)));
    }

    @Test
    void a_delivery_that_waits_for_a_field_names_it() {
        String id = accept(event().about("call/7").waitingFor("data.recording_id", HOUR, "crm", clock));
        assertEquals(new WaitingFor.Field("data.recording_id", clock.instant().plus(HOUR)), reason(id));
        pass(HOUR);
        assertEquals(next(0), reason(id));
    }

    @Test
    void a_rate_limited_delivery_waits_until_the_limit_allows_it() {
        RequestLimit limit = new RequestLimit(
                new Batch(1, Duration.ZERO), RateLimit.of("1/h").orElseThrow());
        due.define(Map.of(CRM, limit));
        List<String> ids = accept(CRM, 3);
        assertEquals(1, takeAll().size());
        assertEquals(
                2,
                assertInstanceOf(WaitingFor.RateLimit.class, reason(ids.get(2))).behind());
        WaitingFor.RateLimit reason = assertInstanceOf(WaitingFor.RateLimit.class, reason(ids.get(1)));
        assertEquals(Limiter.WEBHOOK, reason.by());
        assertTrue(reason.until().isAfter(clock.instant()), reason.toString());
        pass(Duration.between(clock.instant(), reason.until()));
        assertEquals(1, takeAll().size(), "that was the time");
    }

    @Test
    void a_held_delivery_waits_for_the_later_of_hold_and_retry() {
        List<String> ids = accept(CRM, 3);
        List<DueDelivery> taken = takeAll();
        get(store.outcomes().record(failed(taken.get(0), 429, HOUR, HOUR).withSlowDown()));
        get(store.outcomes().record(failed(taken.get(1), 500, HOUR.multipliedBy(2), null)));
        get(store.outcomes().record(failed(taken.get(2), 500, Duration.ofMinutes(1), null)));
        String fresh = accept(CRM);
        Instant until = clock.instant().plus(HOUR);
        assertEquals(new WaitingFor.Retry(until), reason(ids.get(0)));
        assertEquals(new WaitingFor.Retry(until.plus(HOUR)), reason(ids.get(1)));
        assertEquals(new WaitingFor.RateLimit(Limiter.RECEIVER, until, 1, true), reason(ids.get(2)));
        assertEquals(new WaitingFor.RateLimit(Limiter.RECEIVER, until, 0, true), reason(fresh));
        pass(HOUR);
        assertInstanceOf(WaitingFor.Dispatch.class, reason(fresh));
    }

    @Test
    void a_delivery_limited_by_the_learned_rate_waits_for_the_next_request() {
        List<String> ids = accept(CRM, 100);
        for (List<DueDelivery> some = takeAll(); !some.isEmpty(); some = takeAll()) {
            some.forEach(
                    d -> get(store.outcomes().record(failed(d, 429, HOUR, null).withSlowDown())));
        }
        WaitingFor.RateLimit reason = assertInstanceOf(WaitingFor.RateLimit.class, reason(ids.get(99)));
        assertEquals(Limiter.RECEIVER, reason.by());
        assertTrue(reason.until().isAfter(clock.instant()), reason.toString());
    }

    @Test
    void a_delivery_of_a_paused_disabled_or_removed_webhook_names_the_cause() {
        get(outbox.setState(CRM, WebhookState.State.PAUSED, "by staff"));
        String id = accept(CRM);
        assertEquals(new WaitingFor.Paused(Cause.WEBHOOK_PAUSED), reason(id));
        get(outbox.setState(CRM, WebhookState.State.DISABLED, "gone"));
        assertEquals(new WaitingFor.Paused(Cause.WEBHOOK_DISABLED), reason(id));
        get(outbox.setState(CRM, WebhookState.State.ACTIVE, null));
        due.define(Set.of(ERP));
        assertEquals(new WaitingFor.Paused(Cause.WEBHOOK_NOT_CONFIGURED), reason(id));
    }

    @Test
    void a_due_delivery_reports_that_delivery_is_stopped() {
        String id = accept(CRM);
        due.close();
        assertEquals(new WaitingFor.Paused(Cause.DELIVERY_STOPPED), reason(id));
    }

    @Test
    void a_delivery_of_an_account_without_budget_waits_for_it() {
        start(2, 20);
        accept(CRM);
        String id = accept(ERP);
        assertEquals(1, takeAll().size(), "the other place is another account's");
        assertEquals(new WaitingFor.Budget(Kind.ACCOUNT), reason(id));
    }

    /** Other accounts are not revealed. */
    @Test
    void the_budget_use_of_other_accounts_is_not_revealed() {
        start(4, 20);
        WebhookId theirs = Ids.webhook("other", "crm");
        WebhookId third = Ids.webhook("third", "crm");
        due.define(Set.of(CRM, ERP, theirs, third));
        List.of(theirs, theirs, third, third)
                .forEach(webhook -> accept(event().of(webhook.account()).to(webhook, clock)));
        assertEquals(4, takeAll().size());
        assertEquals(new WaitingFor.Budget(Kind.REQUESTS_IN_FLIGHT), reason(accept(CRM)));
    }

    @Test
    void the_timed_out_budget_use_of_other_accounts_is_not_revealed() {
        start(4, 20);
        WebhookId theirs = Ids.webhook("other", "crm");
        due.define(Set.of(CRM, theirs));
        accept(event().of("other").to(theirs, clock));
        String id = accept(CRM);
        takeAll()
                .forEach(d ->
                        get(store.outcomes().record(failed(d, null, HOUR, null).withSlowDown())));
        pass(HOUR);
        assertEquals(
                List.of(theirs), takeAll().stream().map(DueDelivery::webhook).toList());
        assertEquals(new WaitingFor.Budget(Kind.REQUESTS_IN_FLIGHT), reason(id));
    }

    @Test
    void a_delivery_of_a_timed_out_webhook_waits_for_that_budget() {
        start(4, 20);
        accept(CRM);
        String id = accept(ERP);
        takeAll()
                .forEach(d ->
                        get(store.outcomes().record(failed(d, null, HOUR, null).withSlowDown())));
        pass(HOUR);
        List<DueDelivery> probe = takeAll();
        assertEquals(List.of(CRM), probe.stream().map(DueDelivery::webhook).toList(), "a quarter of the budget is 1");
        assertEquals(new WaitingFor.Budget(Kind.TIMED_OUT_WEBHOOKS), reason(id));
    }

    @Test
    void a_delivery_of_an_account_without_memory_waits_for_memory() {
        start(10_000, 20, 1);
        accept(CRM);
        List<DueDelivery> inFlight = takeAll();
        assertEquals(1, inFlight.size());
        String id = accept(ERP);
        assertEquals(List.of(), takeAll());
        assertEquals(new WaitingFor.Budget(Kind.MEMORY), reason(id));
        assertEquals(inFlight.get(0).event().memory(), outbox.eventBytes(), "only the one in flight is in memory");
        get(store.outcomes().record(failed(inFlight.get(0), 500, HOUR, null)));
        assertEquals(1, takeAll().size());
    }
}
