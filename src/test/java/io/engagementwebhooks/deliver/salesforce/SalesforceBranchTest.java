package io.engagementwebhooks.deliver.salesforce;

import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.connection;
import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.create;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.Delivery;
import io.engagementwebhooks.deliver.DeliveryContext;
import io.engagementwebhooks.deliver.egress.EgressRules;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.template.Body;
import io.engagementwebhooks.webhook.template.Template;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;
import org.apache.camel.support.ExceptionHelper;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SalesforceBranchTest extends SalesforceFixture {

    @Test
    void an_ended_call_becomes_a_completed_task() {
        Exchange done = branch.send(task("call-ended"));

        assertInstanceOf(
                Outcome.Delivered.class, DeliveryContext.outcome(done), () -> "" + DeliveryContext.outcome(done));
        assertEquals(1, org.records().size());
        ObjectNode task = org.records().get(0).fields();
        assertEquals(
                "Inbound call from +4670123xxx (192 s)", task.path("Subject").asText());
        assertEquals("Completed", task.path("Status").asText());
        assertEquals("2026-11-24", task.path("ActivityDate").asText());
        assertEquals("Call", task.path("TaskSubtype").asText());
        assertEquals("Inbound", task.path("CallType").asText());
        assertEquals(192, task.path("CallDurationInSeconds").intValue());
        assertEquals("quality", task.path("CallDisposition").asText());
        assertEquals("914022177", task.path("CallObject").asText());
        assertTrue(task.path("Description").asText().contains("Source: Autumn campaign"));
    }

    @Test
    void a_missed_call_has_its_subject_and_no_duration() {
        branch.send(task("call-missed"));

        ObjectNode task = org.records().get(0).fields();
        assertEquals("Missed call from +4673987xxx", task.path("Subject").asText());
        assertEquals(0, task.path("CallDurationInSeconds").intValue());
        assertEquals("missed", task.path("CallDisposition").asText());
    }

    @Test
    void the_response_is_recorded_and_not_the_request_in_its_place() {
        Exchange done = branch.send(task("call-ended"));

        assertEquals(201, DeliveryContext.of(done).answer().status());
        assertTrue(new String(DeliveryContext.of(done).answer().body()).contains("\"success\":true"));
        assertEquals("api-usage=18/15000", DeliveryContext.of(done).answer().header("sforce-limit-info"));
        assertTrue(done.getMessage().getHeaders().isEmpty(), "no header of Salesforce reaches the next step");
    }

    @Test
    void twenty_parallel_first_sends_make_one_login() throws Exception {
        for (Exchange done : parallel(20)) {
            assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(done));
        }
        assertEquals(1, org.logins());
        assertEquals(20, org.records().size());
    }

    @Test
    void a_revoked_token_costs_one_login_and_nothing_fails() throws Exception {
        branch.send(task("call-ended"));
        org.revokeTokens();

        for (Exchange done : parallel(20)) {
            assertInstanceOf(
                    Outcome.Delivered.class, DeliveryContext.outcome(done), () -> "" + DeliveryContext.outcome(done));
        }
        assertEquals(2, org.logins());
        assertEquals(21, org.records().size());
    }

    @Test
    void a_call_that_fails_before_it_is_sent_says_why() {
        org.changeTokenAnswer(answer -> answer.put("instance_url", "http://127.0.0.1:1"));

        Outcome.TryLater outcome =
                assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(branch.send(task("call-ended"))));
        assertEquals("Salesforce refused the connection", outcome.reason());
    }

    @Test
    void a_token_refused_right_after_the_login_pauses_the_connection() {
        org.failNext(401, "INVALID_SESSION_ID", 2);

        Outcome.NotSent outcome =
                assertInstanceOf(Outcome.NotSent.class, DeliveryContext.outcome(branch.send(task("call-ended"))));
        assertEquals(SalesforceBranch.START.plus(Duration.ofMinutes(5)), outcome.until());
        assertTrue(outcome.reason().contains("refuses the token"), outcome.reason());
        assertTrue(outcome.lasting());
        assertEquals(2, org.calls(), "one call and one after the renewal");

        assertInstanceOf(Outcome.NotSent.class, DeliveryContext.outcome(branch.send(task("call-ended"))));
        assertEquals(2, org.calls(), "no call while the credential's pause lasts");
    }

    @Test
    void a_401_of_the_orgs_own_code_concerns_its_request_only() {
        org.failNext(401, "NO_AGENT", 1);

        Exchange refused = branch.send(branch.delivery(connection(org), own(), "call-ended"));
        assertInstanceOf(Outcome.GaveUp.class, DeliveryContext.outcome(refused));
        assertEquals(1, org.calls(), "it is not sent again");
        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(branch.send(task("call-ended"))));
        assertEquals(1, org.logins());
    }

    @Test
    void a_delivery_whose_connection_is_removed_ends_with_its_org_and_brings_none_back() {
        org.failNext(401, "INVALID_SESSION_ID", 2);
        branch.isOwned = () -> {
            branch.orgs.retain(Set.of());
            return true;
        };

        Outcome.NotSent outcome = notSent(task("call-ended"));
        assertTrue(outcome.reason().contains("refuses the token"), outcome.reason());
        assertEquals(1 + 1, org.logins(), "the second is the renewal");
    }

    @Test
    void bad_credentials_wait_longer_each_time_and_use_up_no_attempt() {
        SalesforceConnection wrong = connection("sales", org.url(), "wrong", List.of("127.0.0.1"));
        Instant now = SalesforceBranch.START;
        for (int minutes : new int[] {5, 10, 20, 40, 60, 60}) {
            Outcome.NotSent outcome =
                    assertInstanceOf(Outcome.NotSent.class, DeliveryContext.outcome(branch.send(task(wrong))));
            assertEquals(now.plus(Duration.ofMinutes(minutes)), outcome.until());
            assertTrue(outcome.reason().contains("invalid_client"), outcome.reason());
            assertTrue(outcome.lasting(), "the owner is notified (semantics 14)");
            assertFalse(outcome.reason().contains("wrong"), "no secret in the reason");
            branch.clock.pass(Duration.ofMinutes(minutes));
            now = branch.clock.instant();
        }
        assertEquals(0, org.calls());
    }

    @Test
    void a_token_endpoint_that_is_down_is_asked_again_after_seconds() {
        org.failNextLogin(503, "unavailable", 2);

        assertEquals(
                SalesforceBranch.START.plusSeconds(10),
                notSent(task("call-ended")).until());
        assertEquals(
                SalesforceBranch.START.plusSeconds(10),
                notSent(task("call-ended")).until());
        branch.clock.pass(Duration.ofSeconds(10));
        assertEquals(
                SalesforceBranch.START.plusSeconds(30),
                notSent(task("call-ended")).until());
        branch.clock.pass(Duration.ofSeconds(20));
        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(branch.send(task("call-ended"))));
    }

    @Test
    void a_fixed_connection_has_no_backoff() {
        notSent(task(connection("sales", org.url(), "wrong", List.of("127.0.0.1"))));

        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(branch.send(task("call-ended"))));
    }

    @Test
    void an_org_that_hangs_ends_by_the_deadline() {
        branch.send(task("call-ended")); // the login, which has a separate deadline
        org.hang();
        Delivery delivery = branch.delivery(connection(org), create("Task"), "call-ended", Duration.ofMillis(700), 1);

        long began = System.nanoTime();
        Exchange done = branch.send(delivery);

        Outcome.TryLater outcome = assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(done));
        assertTrue(outcome.slowDown());
        assertEquals("Salesforce did not answer within 700 ms; the record may exist already", outcome.reason());
        assertTrue(Duration.ofNanos(System.nanoTime() - began).toMillis() >= 700);
        assertNull(DeliveryContext.of(done).answer(), "nothing came back");
    }

    @Test
    void a_login_that_hangs_is_given_up_in_time() {
        branch.close();
        branch = new SalesforceBranch(SalesforceBranch.LOOPBACK, Duration.ofSeconds(1));
        org.hangLogin();

        assertEquals(
                "Salesforce's login did not answer within 1 s",
                notSent(task("call-ended")).reason());
    }

    @Test
    void headers_of_the_message_do_not_control_the_component() {
        Exchange done = branch.send(
                task("call-ended"),
                Map.of(
                        "sObjectName", "Lead",
                        "sObjectIdName", "Call_Id__c",
                        "sObjectIdValue", "1",
                        "apiVersion", "1.0",
                        "rawPath", "/elsewhere",
                        "Sforce-Query-Options", "batchSize=1",
                        "x-sfdc-webhook-timeout-ms", "1",
                        "Authorization", "Bearer stolen"));

        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(done));
        assertEquals("Task", org.records().get(0).object());
        Map<String, String> sent = org.callHeaders().get(0);
        assertFalse(sent.containsKey("sforce-query-options"));
        assertEquals("application/json", sent.get("accept"));
        assertTrue(sent.keySet().stream().noneMatch(name -> name.startsWith("x-sfdc")), () -> "" + sent);
    }

    @Test
    void a_token_answer_must_name_an_instance_of_the_connection() {
        org.changeTokenAnswer(answer -> answer.put("instance_url", "https://evil.example.com"));

        Outcome.NotSent outcome = notSent(task("call-ended"));
        assertTrue(outcome.reason().contains("evil.example.com"), outcome.reason());
        assertTrue(outcome.reason().contains("instance suffixes"), outcome.reason());
        assertEquals(0, org.calls());
    }

    @Test
    void a_token_answer_without_the_org_or_the_token_is_reported_in_plain_words() {
        org.changeTokenAnswer(answer -> answer.without("id"));
        assertEquals(
                "Salesforce's login answered without the id of an org",
                notSent(task("call-ended")).reason());

        org.changeTokenAnswer(answer -> answer.putNull("access_token"));
        branch.clock.pass(Duration.ofMinutes(5));
        assertEquals(
                "Salesforce's login answered without a usable access_token",
                notSent(task("call-ended")).reason());
    }

    @Test
    void addresses_that_the_egress_rules_refuse_are_not_connected_to() {
        branch.close();
        branch = new SalesforceBranch(new EgressRules(EgressSettings.DEFAULT));

        assertEquals(
                "the login at Salesforce was not sent: 127.0.0.1 leads to an address that is not public (loopback): webhooks may"
                        + " not call it",
                notSent(branch.delivery(
                                SalesforceBranch.connection(
                                        "sales",
                                        URI.create("https://127.0.0.1"),
                                        SalesforceStandIn.CLIENT_SECRET,
                                        List.of("127.0.0.1")),
                                SalesforceBranch.create("Task"),
                                "call-ended"))
                        .reason());
        assertEquals(0, org.logins());
    }

    @Test
    void the_daily_limit_holds_the_whole_org_for_twenty_minutes() {
        org.failNext(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", 1);

        Outcome.TryLater outcome =
                assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(branch.send(task("call-ended"))));
        assertEquals(SalesforceBranch.START.plus(Duration.ofMinutes(20)), outcome.notBefore());
        assertEquals(outcome.notBefore(), notSent(task("call-missed")).until());
        assertEquals(1, org.calls());
        branch.clock.pass(Duration.ofMinutes(20));
        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(branch.send(task("call-ended"))));
    }

    @Test
    void a_redirect_is_refused_and_not_followed() {
        org.answerNext(302, "");

        Outcome.TryLater outcome =
                assertInstanceOf(Outcome.TryLater.class, DeliveryContext.outcome(branch.send(task("call-ended"))));
        assertTrue(outcome.reason().contains("redirect"), outcome.reason());
        assertEquals(1, org.calls());
    }

    @Test
    void success_false_in_a_200_is_not_a_success() {
        org.answerNext(
                200, "{\"success\":false,\"errors\":[{\"statusCode\":\"STRING_TOO_LONG\",\"fields\":[\"Subject\"]}]}");

        Outcome.GaveUp outcome =
                assertInstanceOf(Outcome.GaveUp.class, DeliveryContext.outcome(branch.send(task("call-ended"))));
        assertEquals("Salesforce refused the record: STRING_TOO_LONG (Subject)", outcome.reason());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    400 | [{"errorCode":"INVALID_FIELD","message":"you sent Bearer planted-token","fields":["Subject"]}]
                    400 | planted-token
                    404 | [{"errorCode":"NOT_FOUND","message":"planted-token"}]
                    503 | you sent Bearer planted-token
                    300 | ["/services/data/v66.0/sobjects/Task/planted-token"]
                    """)
    void an_exception_message_does_not_contain_the_response(int status, String body) {
        for (Target target : List.of(create("Task"), own())) {
            org.answerNext(status, body);

            Exchange done = branch.send(branch.delivery(connection(org), target, "call-ended"));

            Exception failure = done.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            String shown = ExceptionHelper.stackTraceToString(failure);
            assertTrue(failure.getMessage().startsWith("Salesforce answered " + status), shown);
            assertFalse(shown.contains("planted"), shown);
            assertEquals(status, DeliveryContext.of(done).answer().status());
            assertTrue(
                    new String(DeliveryContext.of(done).answer().body()).contains("planted-token"),
                    "it is kept of the attempt");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 503})
    void a_refusal_without_an_error_code_ends_the_attempt(int status) {
        org.answerNext(status, "[null]");

        Exchange done = branch.send(task("call-ended"));

        assertEquals(status, DeliveryContext.of(done).answer().status());
        assertNotNull(DeliveryContext.outcome(done));
    }

    @Test
    void an_exception_without_response_does_not_contain_the_url() {
        org.dropNextAnswer();

        Exchange done = branch.send(branch.delivery(connection(org), own(), "call-ended"));

        Exception failure = done.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        String shown = ExceptionHelper.stackTraceToString(failure);
        assertTrue(shown.contains("the call to Salesforce has no answer"), shown);
        assertFalse(shown.contains("planted"), shown);
    }

    @Test
    void an_object_without_a_default_mapping_needs_fields() {
        Outcome.GaveUp outcome = assertInstanceOf(
                Outcome.GaveUp.class,
                DeliveryContext.outcome(branch.send(branch.delivery(connection(org), create("Lead"), "call-ended"))));
        assertTrue(outcome.reason().contains("no fields for Lead"), outcome.reason());
        assertEquals(0, org.logins());
    }

    @Test
    void a_text_that_is_too_long_is_cut_and_noted() {
        String event = "{\"type\":\"call.ended\",\"data\":{\"cdr_id\":7,\"outcome\":\"" + "😀".repeat(200) + "\"}}";

        Exchange done = branch.send(branch.delivery(connection(org), create("Task"), event));

        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(done));
        assertEquals(
                "CallDisposition cut to 255 characters",
                DeliveryContext.of(done).note());
        assertEquals(
                "😀".repeat(127),
                org.records().get(0).fields().path("CallDisposition").asText());
    }

    @Test
    void a_changed_connection_logs_in_again() {
        branch.send(task("call-ended"));
        SalesforceConnection changed =
                connection("sales", org.url(), SalesforceStandIn.CLIENT_SECRET, List.of("127.0.0.1", "force.com"));
        branch.orgs.retain(Set.of(changed));

        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(branch.send(task(changed))));
        assertEquals(2, org.logins());
    }

    @Test
    void a_call_in_flight_of_a_removed_connection_ends_as_any() throws Exception {
        branch.send(task("call-ended")); // the login, which has a separate deadline
        org.hold();
        Delivery delivery = branch.delivery(connection(org), create("Task"), "call-ended");
        Future<Exchange> waiting = branch.start(delivery);
        Awaitility.await().until(() -> org.calls() == 2);

        branch.orgs.retain(Set.of());
        assertFalse(waiting.isDone());
        org.letGo();

        assertInstanceOf(Outcome.Delivered.class, DeliveryContext.outcome(waiting.get(60, TimeUnit.SECONDS)));
    }

    @Test
    void no_endpoint_and_no_component_knows_the_secret() {
        branch.send(task("call-ended"));

        branch.context
                .getEndpoints()
                .forEach(endpoint -> assertFalse(
                        endpoint.getEndpointUri().contains(SalesforceStandIn.CLIENT_SECRET), endpoint::getEndpointUri));
        OrgComponent component = (OrgComponent) branch.context.hasComponent(OrgComponent.SCHEME);
        assertNull(component.getLoginConfig());
        assertNull(component.getClientSecret());
    }

    private static Target own() {
        return new Target.OwnRequest(new Target.Http(
                URI.create("/services/apexrest/calls?key=planted-key"),
                "POST",
                new Body.Templated(Template.json("{\"call\": {cdr_id}}"), Body.Format.JSON),
                Map.of(),
                Signing.NONE));
    }

    private Outcome.NotSent notSent(Delivery delivery) {
        return assertInstanceOf(Outcome.NotSent.class, DeliveryContext.outcome(branch.send(delivery)));
    }

    private Delivery task(String event) {
        return branch.delivery(connection(org), create("Task"), event);
    }

    private Delivery task(SalesforceConnection connection) {
        return branch.delivery(connection, create("Task"), "call-ended");
    }

    private List<Exchange> parallel(int n) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(n);
        CountDownLatch together = new CountDownLatch(n);
        try {
            List<Callable<Exchange>> sends = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                Delivery delivery = task("call-ended");
                sends.add(() -> {
                    together.countDown();
                    together.await();
                    return branch.send(delivery);
                });
            }
            List<Exchange> done = new ArrayList<>();
            for (Future<Exchange> send : threads.invokeAll(sends)) {
                done.add(send.get());
            }
            return done;
        } finally {
            threads.shutdownNow();
        }
    }
}
