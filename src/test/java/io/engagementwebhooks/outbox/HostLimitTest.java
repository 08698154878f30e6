package io.engagementwebhooks.outbox;

import static io.engagementwebhooks.testkit.Patience.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.outbox.WaitingFor.Kind;
import io.engagementwebhooks.store.AttemptResult;
import io.engagementwebhooks.store.DeliveryState;
import io.engagementwebhooks.store.DueDelivery;
import io.engagementwebhooks.store.WebhookState.State;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.SampleAttempt;
import io.engagementwebhooks.testkit.SampleIntake;
import io.engagementwebhooks.webhook.WebhookId;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The limit of requests of an account in flight at a host (semantics 18, 43), over a real store. */
@Timeout(300)
class HostLimitTest extends OverRealStore {

    private static final WebhookId SALES = Ids.webhook("acme", "sales");
    private static final WebhookId FAST = Ids.webhook("acme", "fast");
    private static final WebhookId THEIRS = Ids.webhook("other", "crm");
    private static final String HOST = "https://slow.example.com/hooks";
    private static final String OTHER_HOST = "https://fast.example.com/hooks";
    private static final int PER_WEBHOOK = 20;
    private static final Duration HOUR = Duration.ofHours(1);

    private DueDelivery elsewhere;

    @Override
    OutboxFixture made() {
        return limited(10_000, 1);
    }

    private OutboxFixture limited(int inFlight, int perHost) {
        return new OutboxFixture(store, clock, new Outbox.Limits(inFlight, PER_WEBHOOK, perHost));
    }

    private void start(int inFlight, int perHost) {
        due.close();
        start(limited(inFlight, perHost));
    }

    /** Three webhooks of one account and one of another at one host, and one at another host. */
    @Override
    void start(OutboxFixture started) {
        due = started;
        outbox = due.outbox();
        due.define(at(Map.of(CRM, HOST, ERP, HOST, SALES, HOST, THEIRS, HOST, FAST, OTHER_HOST)));
        due.open();
    }

    private static Map<WebhookId, RequestLimit> at(Map<WebhookId, String> urls) {
        return urls.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, url -> at(url.getValue())));
    }

    private static RequestLimit at(String url) {
        return new RequestLimit(null, null, URI.create(url));
    }

    private String accept(WebhookId webhook) {
        SampleIntake intake =
                SampleIntake.event("e" + events++).of(webhook.account()).to(webhook, clock);
        get(outbox.accept(List.of(intake.intake())));
        return intake.deliveryId();
    }

    private List<String> accept(WebhookId webhook, int count) {
        return IntStream.range(0, count).mapToObj(i -> accept(webhook)).toList();
    }

    private void deliver(DueDelivery d) {
        record(d, DeliveryState.DELIVERED, null, 200, false);
    }

    private void timeOut(DueDelivery d) {
        record(d, DeliveryState.WAITING, clock.instant().plus(HOUR), null, true);
    }

    private void fail(DueDelivery d) {
        record(d, DeliveryState.WAITING, clock.instant().plus(HOUR), 500, false);
    }

    private void record(DueDelivery d, DeliveryState state, Instant next, Integer status, boolean slowDown) {
        AttemptResult result = new AttemptResult(
                d.id(),
                d.webhook(),
                state,
                "",
                next,
                SampleAttempt.of(d.attempts() + 1, clock.instant(), 1, state.text(), "", null, status, null, null),
                null,
                null);
        get(store.outcomes().record(slowDown ? result.withSlowDown() : result));
    }

    private DueDelivery takeOne() {
        List<DueDelivery> taken = takeAll();
        assertEquals(1, taken.size(), taken.toString());
        return taken.get(0);
    }

    private static List<WebhookId> webhooksOf(List<DueDelivery> deliveries) {
        return deliveries.stream().map(DueDelivery::webhook).toList();
    }

    private WaitingFor reason(String delivery) {
        return outbox.waitingFor(
                        List.of(store.deliveries().delivery("acme", delivery).orElseThrow()))
                .get(delivery);
    }

    // --- what is limited

    @Test
    void without_a_limit_the_host_does_not_count() {
        start(10_000, 0);
        accept(CRM, 20);
        accept(ERP, 20);
        assertEquals(32, takeAll().size());
    }

    @Test
    void as_many_requests_are_in_flight_at_a_host_as_the_limit() {
        start(10_000, 3);
        accept(CRM, 20);
        accept(ERP, 20);
        assertEquals(3, takeAll().size());
    }

    @Test
    void another_host_and_another_account_are_not_limited() {
        accept(CRM, 9);
        accept(FAST, 1);
        accept(THEIRS, 9);
        List<WebhookId> taken = webhooksOf(takeAll());
        assertEquals(Set.of(CRM, FAST, THEIRS), Set.copyOf(taken));
        assertEquals(3, taken.size());
    }

    /** Each webhook that waits at the host would otherwise fill the memory of its account. */
    @Test
    void deliveries_that_wait_leave_memory_to_other_hosts() {
        List<WebhookId> many = IntStream.range(0, 150)
                .mapToObj(i -> Ids.webhook("acme", "slow-" + i))
                .toList();
        Map<WebhookId, RequestLimit> all = new HashMap<>();
        many.forEach(webhook -> all.put(webhook, at(HOST)));
        all.put(FAST, RequestLimit.NONE);
        start(10_000, 8);
        due.define(all);
        List<SampleIntake> backlog = new ArrayList<>();
        many.forEach(webhook -> IntStream.range(0, 40)
                .forEach(i -> backlog.add(SampleIntake.event("s" + events++).to(webhook, clock))));
        get(outbox.accept(backlog.stream().map(SampleIntake::intake).toList()));
        assertEquals(8, takeAll().size());
        accept(FAST, 40);
        assertEquals(16, takeAll().size());
    }

    @Test
    void a_host_is_its_name_and_port_whatever_the_case_scheme_and_path() {
        due.define(at(Map.of(
                CRM, "https://slow.example.com/hooks",
                ERP, "https://SLOW.example.com:443/other",
                SALES, "http://slow.example.com:443/",
                FAST, "http://slow.example.com/")));
        List.of(CRM, ERP, SALES, FAST).forEach(this::accept);
        List<DueDelivery> taken = takeAll();
        assertEquals(2, taken.size());
        assertTrue(webhooksOf(taken).contains(FAST), "port 80");
    }

    @Test
    void a_webhook_without_url_has_no_host() {
        due.define(Set.of(CRM, ERP));
        accept(CRM, 3);
        accept(ERP, 3);
        assertEquals(6, takeAll().size());
    }

    // --- the end of a request

    @Test
    void the_webhooks_at_a_host_send_in_turn() {
        List.of(CRM, ERP, SALES).forEach(webhook -> accept(webhook, 4));
        List<WebhookId> sent = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            DueDelivery next = takeOne();
            sent.add(next.webhook());
            deliver(next);
        }
        assertEquals(
                Stream.generate(() -> sent.subList(0, 3))
                        .limit(4)
                        .flatMap(List::stream)
                        .toList(),
                sent);
        assertEquals(Set.of(CRM, ERP, SALES), Set.copyOf(sent.subList(0, 3)));
        assertEquals(0, store.waitingCount());
    }

    /** Eight retries are in flight elsewhere, so that first attempts take precedence; not before a webhook in turn. */
    @Test
    void a_retry_begins_in_turn_although_first_attempts_take_precedence() {
        due.define(Map.of(CRM, at(HOST), ERP, at(HOST), FAST, RequestLimit.NONE));
        accept(FAST, 8);
        accept(ERP);
        takeAll().forEach(this::fail);
        accept(CRM, 3);
        DueDelivery first = takeOne();
        pass(HOUR);
        assertEquals(8, takeAll().size());
        deliver(first);
        DueDelivery next = takeOne();
        assertEquals(CRM, next.webhook(), "the next of its kind");
        deliver(next);
        assertEquals(ERP, takeOne().webhook());
    }

    @Test
    void each_end_of_an_attempt_lets_the_next_delivery_begin() throws Exception {
        accept(CRM, 9);
        timeOut(takeOne());
        fail(takeOne());
        due.lost(takeOne().id());
        DueDelivery fenced = takeOne();
        outbox.fenced(fenced.id());
        DueDelivery unsent = takeOne();
        get(store.outcomes()
                .record(new AttemptResult(
                        unsent.id(),
                        CRM,
                        DeliveryState.WAITING,
                        "no token",
                        clock.instant().plus(HOUR),
                        null,
                        null,
                        null)));
        deliver(takeOne());
        assertEquals(0, outbox.inFlight());
    }

    @Test
    void several_ends_at_once_let_as_many_begin() {
        start(10_000, 3);
        accept(CRM, 3);
        List<DueDelivery> first = takeAll();
        List.of(ERP, SALES).forEach(this::accept);
        assertEquals(List.of(), takeAll());
        first.forEach(this::deliver);
        assertEquals(Set.of(ERP, SALES), Set.copyOf(webhooksOf(takeAll())));
    }

    @Test
    void a_paused_webhook_passes_its_turn_on() {
        accept(CRM);
        DueDelivery first = takeOne();
        accept(ERP, 2);
        assertEquals(List.of(), takeAll());
        accept(SALES);
        assertEquals(List.of(), takeAll());
        get(outbox.setState(ERP, State.PAUSED, "by a person"));
        deliver(first);
        DueDelivery second = takeOne();
        assertEquals(SALES, second.webhook());
        get(outbox.setState(ERP, State.ACTIVE, null));
        assertEquals(List.of(), takeAll());
        deliver(second);
        assertEquals(ERP, takeOne().webhook());
    }

    /** All webhooks that timed out share a quarter of the budget: one request here. */
    @Test
    void a_webhook_that_waits_for_the_budget_too_passes_its_turn_on() {
        DueDelivery first = aHostWithAWaitingProbe();
        accept(SALES);
        assertEquals(List.of(), takeAll());
        deliver(first);
        assertEquals(SALES, takeOne().webhook());
    }

    @Test
    void a_probe_begins_when_the_budget_has_space_after_the_host() {
        DueDelivery first = aHostWithAWaitingProbe();
        deliver(first);
        assertEquals(List.of(), takeAll());
        deliver(elsewhere);
        assertEquals(ERP, takeOne().webhook());
    }

    /** ERP, which timed out, waits at the host of the request that is returned, and for the budget. */
    private DueDelivery aHostWithAWaitingProbe() {
        start(4, 1);
        accept(ERP);
        timeOut(takeOne());
        pass(Duration.ofSeconds(10));
        accept(FAST);
        timeOut(takeOne());
        accept(CRM);
        DueDelivery first = takeOne();
        pass(HOUR.minusSeconds(10));
        assertEquals(List.of(), takeAll(), "the retry of ERP waits at the host");
        pass(Duration.ofSeconds(10));
        elsewhere = takeOne();
        assertEquals(FAST, elsewhere.webhook());
        return first;
    }

    @Test
    void after_a_stop_and_a_start_the_requests_still_in_flight_count() {
        accept(CRM);
        DueDelivery first = takeOne();
        accept(ERP);
        assertEquals(List.of(), takeAll());
        due.close();
        due.open();
        assertEquals(List.of(), takeAll());
        deliver(first);
        assertEquals(ERP, takeOne().webhook());
    }

    // --- another URL

    @Test
    void after_a_change_of_the_url_a_request_in_flight_still_counts_at_its_host() {
        accept(CRM);
        DueDelivery inFlight = takeOne();
        due.define(at(Map.of(CRM, OTHER_HOST, ERP, HOST, SALES, OTHER_HOST)));
        accept(SALES);
        elsewhere = takeOne();
        accept(CRM);
        accept(ERP);
        assertEquals(List.of(), takeAll());
        deliver(inFlight);
        assertEquals(ERP, takeOne().webhook(), "a place at the former host");
        deliver(elsewhere);
        assertEquals(CRM, takeOne().webhook(), "and one at the new host");
    }

    @Test
    void a_waiting_webhook_moves_to_its_new_host() {
        accept(CRM);
        takeOne();
        accept(ERP);
        assertEquals(List.of(), takeAll());
        due.define(at(Map.of(CRM, HOST, ERP, OTHER_HOST)));
        assertEquals(ERP, takeOne().webhook());
    }

    @Test
    void a_waiting_webhook_that_moved_has_no_turn_at_its_former_host() {
        accept(CRM);
        DueDelivery first = takeOne();
        accept(FAST);
        takeOne();
        accept(ERP);
        assertEquals(List.of(), takeAll());
        due.define(at(Map.of(CRM, HOST, SALES, HOST, FAST, OTHER_HOST, ERP, OTHER_HOST)));
        accept(SALES);
        assertEquals(List.of(), takeAll());
        deliver(first);
        assertEquals(SALES, takeOne().webhook());
    }

    /** Between these two calls the configuration becomes active; until then requests go to the former URL. */
    @Test
    void a_webhook_counts_at_its_former_host_until_the_new_url_is_in_use() {
        accept(CRM);
        takeOne();
        accept(ERP);
        outbox.configure(at(Map.of(CRM, HOST, ERP, OTHER_HOST)));
        assertEquals(List.of(), takeAll());
        outbox.updateHosts();
        assertEquals(ERP, takeOne().webhook());
    }

    @Test
    void a_host_that_no_webhook_has_any_more_counts_until_its_requests_end() {
        accept(CRM);
        DueDelivery inFlight = takeOne();
        due.define(at(Map.of(CRM, OTHER_HOST)));
        due.define(at(Map.of(CRM, OTHER_HOST, ERP, HOST)));
        accept(ERP);
        assertEquals(List.of(), takeAll());
        deliver(inFlight);
        assertEquals(ERP, takeOne().webhook());
    }

    @Test
    void a_delivery_that_no_thread_has_begun_counts_at_the_new_host() throws Exception {
        start(10_000, 2);
        List<String> accepted = accept(CRM, 2);
        due.take();
        assertEquals(1, due.unstarted());
        due.define(at(Map.of(CRM, OTHER_HOST, ERP, HOST, SALES, OTHER_HOST)));
        assertFalse(due.isInFlight(CRM, accepted.get(1)), "it is recalled");
        accept(ERP, 3);
        accept(SALES, 3);
        List<WebhookId> taken = webhooksOf(takeAll());
        assertEquals(1, taken.stream().filter(ERP::equals).count(), "beside the request in flight");
        assertEquals(3, taken.size());
    }

    // --- what is shown

    @Test
    void a_delivery_that_waits_for_the_host_says_so() {
        accept(CRM);
        DueDelivery first = takeOne();
        String waiting = accept(ERP);
        String next = accept(CRM);
        assertEquals(List.of(), takeAll());
        assertEquals(new WaitingFor.Budget(Kind.HOST), reason(waiting));
        assertEquals(new WaitingFor.Budget(Kind.HOST), reason(next));
        deliver(first);
        assertEquals(new WaitingFor.Dispatch(0, true, 0), reason(waiting));
    }

    /** They wait for a receiver: ingest is not slowed for them. */
    @Test
    void deliveries_that_wait_for_the_host_are_not_sendable() {
        accept(CRM, 50);
        assertEquals(50, due.backlog().sendable());
        takeOne();
        assertEquals(0, due.backlog().sendable());
    }
}
