package io.engagementwebhooks.deliver.salesforce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.deliver.ConnectionReport;
import io.engagementwebhooks.deliver.ConnectionReport.Level;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Target.Salesforce;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.template.FieldValue;
import io.engagementwebhooks.webhook.template.Template;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The test of a connection finds errors before a delivery fails. */
class SalesforceConnectionTestTest extends SalesforceFixture {

    private ConnectionReport test(SalesforceConnection connection, Target... targets) throws Exception {
        List<Webhook> webhooks = Arrays.stream(targets)
                .map(target -> branch.delivery(connection, target, "call-ended").webhook())
                .toList();
        return new SalesforceConnectionTest(branch.orgs)
                .test(new Authentication.Salesforce(connection), webhooks)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
    }

    private ConnectionReport test(Target... targets) throws Exception {
        return test(SalesforceBranch.connection(org), targets);
    }

    private static List<String> reported(ConnectionReport report, Level level) {
        return report.findings().stream()
                .filter(finding -> finding.level() == level)
                .map(ConnectionReport.Finding::text)
                .toList();
    }

    private static Map<String, FieldValue> fields(String... names) {
        Map<String, FieldValue> fields = new java.util.LinkedHashMap<>();
        for (String name : names) {
            fields.put(name, new FieldValue.Text(Template.text("{cdr_id}")));
        }
        return fields;
    }

    private static Salesforce of(Salesforce.Operation operation, String object, String id, String... fields) {
        return new Salesforce(
                operation,
                object,
                Optional.ofNullable(id),
                Optional.ofNullable(id).map(any -> new FieldValue.Text(Template.text("{cdr_id}"))),
                fields(fields));
    }

    @Test
    void a_valid_mapping_is_reported_and_nothing_is_written() throws Exception {
        ConnectionReport report = test(SalesforceBranch.create("Task"));

        assertTrue(report.ok(), () -> "" + report);
        assertEquals(List.of("Salesforce took the login", "what it writes to Task fits"), reported(report, Level.OK));
        assertEquals(0, org.calls());
        assertEquals(List.of(), org.records());
    }

    @Test
    void unknown_unwritable_and_missing_fields_are_reported_each_with_its_name() throws Exception {
        ConnectionReport report = test(
                of(Salesforce.Operation.CREATE, "Task", null, "Duration__c", "AccountId"),
                of(Salesforce.Operation.CREATE, "Lead", null, "LastName"));

        assertFalse(report.ok());
        assertEquals(
                List.of(
                        "AccountId of Task may not be written by the user of the connection",
                        "Task has no field 'Duration__c', or the user of the connection may not see it",
                        "Lead cannot be created without Company: name it in 'fields'"),
                reported(report, Level.FAULT));
        assertEquals("calls-as-tasks", report.findings().get(1).webhook());
    }

    @Test
    void an_external_id_must_exist_and_be_an_external_id() throws Exception {
        assertEquals(
                List.of("Phone of Lead is no external id: mark it as External ID in Salesforce"),
                reported(test(of(Salesforce.Operation.UPSERT, "Lead", "Phone", "LastName", "Company")), Level.FAULT));
        assertEquals(
                List.of("Lead has no field 'Nope__c', or the user of the connection may not see it"),
                reported(test(of(Salesforce.Operation.UPSERT, "Lead", "Nope__c", "LastName", "Company")), Level.FAULT));
    }

    @Test
    void a_create_only_field_of_an_upsert_is_a_warning() throws Exception {
        ConnectionReport report = test(of(Salesforce.Operation.UPSERT, "Task", "Call_Id__c", "Subject", "TaskSubtype"));

        assertTrue(report.ok());
        assertEquals(
                List.of("TaskSubtype of Task can be set only when the record is made; updates leave it out"),
                reported(report, Level.WARNING));
    }

    @Test
    void each_part_of_a_composite_is_checked_and_links_count_as_fields() throws Exception {
        Salesforce task = of(Salesforce.Operation.CREATE, "Task", null, "Subject");
        Salesforce lead = of(Salesforce.Operation.CREATE, "Lead", null, "LastName", "Company");
        ConnectionReport report = test(new Target.SalesforceComposite(List.of(
                new Target.SalesforceComposite.Part("lead", Optional.empty(), lead, Map.of()),
                new Target.SalesforceComposite.Part("task", Optional.empty(), task, Map.of("WhoId__c", "lead")))));

        assertEquals(
                List.of("Task has no field 'WhoId__c', or the user of the connection may not see it"),
                reported(report, Level.FAULT));
    }

    @Test
    void a_missing_object_is_reported() throws Exception {
        assertEquals(
                List.of("the org has no object 'Nope__c', or the user of the connection may not see it"),
                reported(test(of(Salesforce.Operation.CREATE, "Nope__c", null, "A__c")), Level.FAULT));
    }

    @Test
    void bad_credentials_are_reported_and_a_second_test_does_not_wait_for_the_pause() throws Exception {
        SalesforceConnection wrong = SalesforceBranch.connection("sales", org.url(), "wrong", List.of("127.0.0.1"));
        for (int n = 0; n < 2; n++) {
            ConnectionReport report = test(wrong, SalesforceBranch.create("Task"));
            assertFalse(report.ok());
            assertTrue(report.findings().get(0).text().contains("400 invalid_client"), () -> "" + report);
            assertEquals(1, report.findings().size());
        }
        assertEquals(0, org.describes());
    }
}
