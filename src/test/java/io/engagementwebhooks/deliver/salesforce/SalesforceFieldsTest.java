package io.engagementwebhooks.deliver.salesforce;

import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.create;
import static io.engagementwebhooks.deliver.salesforce.SalesforceBranch.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.deliver.judge.Outcome;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.jq.JqProgram;
import io.engagementwebhooks.webhook.template.FieldValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Records built from the fields of a webhook (semantics 9). */
class SalesforceFieldsTest extends SalesforceFixture {

    @Test
    void a_record_whose_fields_together_are_larger_than_a_body_gives_up() {
        Map<String, FieldValue> fields = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++) {
            fields.put("Text" + i + "__c", text("{cdr_id}".repeat(10_000)));
        }

        Outcome outcome = send(SalesforceBranch.upsert("Task", text("{cdr_id}"), fields), "call-ended");

        assertEquals("the size of all fields exceeds the limit of 1 MiB", outcome.reason());
        assertInstanceOf(Outcome.GaveUp.class, outcome);
        assertEquals(0, org.records().size());
    }

    @Test
    void upserting_twice_makes_one_record() {
        Target.Salesforce target = SalesforceBranch.upsert("Task", text("{cdr_id}"), Map.of());

        assertInstanceOf(Outcome.Delivered.class, send(target, "call-ended"));
        assertInstanceOf(Outcome.Delivered.class, send(target, "call-modified"));
        org.answerUpdatesWith(204);
        assertInstanceOf(Outcome.Delivered.class, send(target, "call-modified"));

        assertEquals(1, org.records().size());
        assertEquals(
                "914022177", org.records().get(0).fields().path("Call_Id__c").asText());
    }

    @Test
    void the_external_id_is_left_out_of_the_body() {
        Target.Salesforce target = SalesforceBranch.upsert(
                "Call__c", text("{cdr_id}"), Map.of("Call_Id__c", text("{cdr_id}"), "Caller__c", text("{anum}")));

        assertInstanceOf(Outcome.Delivered.class, send(target, "call-ended"));
    }

    @Test
    void an_external_id_is_url_encoded() {
        Target.Salesforce target = SalesforceBranch.upsert("Call__c", text("a/b c+d?ä"), Map.of());
        Target.Salesforce withField = new Target.Salesforce(
                target.operation(),
                "Call__c",
                target.externalId(),
                target.externalIdValue(),
                Map.of("Caller__c", text("{anum}")));

        assertInstanceOf(Outcome.Delivered.class, send(withField, "call-ended"));
        assertEquals(
                "a/b c+d?ä", org.records().get(0).fields().path("Call_Id__c").asText());
    }

    @Test
    void an_event_without_the_external_id_gives_up_and_names_the_field() {
        Target.Salesforce target = SalesforceBranch.upsert("Task", text("{no_such_field}"), Map.of());

        Outcome.GaveUp outcome = assertInstanceOf(Outcome.GaveUp.class, send(target, "call-ended"));
        assertTrue(outcome.reason().contains("Call_Id__c"), outcome.reason());
        assertEquals(0, org.logins());
    }

    @Test
    void a_program_that_fails_is_named_by_its_field() {
        FieldValue failing = new FieldValue.Program(JqProgram.compile("error(\"no\")"));

        for (Target.Salesforce target : List.of(
                create("Task", Map.of("Call_Id__c", failing)), SalesforceBranch.upsert("Task", failing, Map.of()))) {
            Outcome.GaveUp outcome = assertInstanceOf(Outcome.GaveUp.class, send(target, "call-ended"));
            assertEquals("the field Call_Id__c cannot be computed: the jq program failed: no", outcome.reason());
        }
    }

    @Test
    void an_external_id_that_is_a_dot_segment_gives_up() {
        assertInstanceOf(
                Outcome.GaveUp.class, send(SalesforceBranch.upsert("Task", text(".."), Map.of()), "call-ended"));
    }

    @Test
    void only_mapped_fields_are_written_with_the_type_of_the_field() {
        Map<String, FieldValue> fields = Map.of(
                "Subject", text("Call {cdr_id}"),
                "CallObject", text("{cdr_id}"),
                "CallDurationInSeconds", text("{duration}"),
                "ActivityDate", text("{start}"),
                "CallDisposition", text("{no_such_field}"));

        Outcome outcome = send(create("Task", fields), "call-ended");

        assertInstanceOf(Outcome.Delivered.class, outcome, () -> "" + outcome);
        ObjectNode task = org.records().get(0).fields();
        assertEquals(4, task.size(), "what has no value is left out");
        assertEquals("Call 914022177", task.path("Subject").textValue());
        assertEquals("914022177", task.path("CallObject").textValue());
        assertEquals(192, task.path("CallDurationInSeconds").intValue());
        assertEquals("2026-11-24", task.path("ActivityDate").textValue());
    }

    @Test
    void a_required_field_without_a_value_gives_up_and_is_named() {
        Outcome.GaveUp outcome = assertInstanceOf(
                Outcome.GaveUp.class, send(create("Lead", Map.of("LastName", text("{source_name}"))), "call-ended"));
        assertEquals("the event has no value for Company, which Lead requires", outcome.reason());
        assertEquals(0, org.calls());
    }
}
