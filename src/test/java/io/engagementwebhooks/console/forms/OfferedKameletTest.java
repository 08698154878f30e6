package io.engagementwebhooks.console.forms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.deliver.kamelet.KameletDefinition;
import io.engagementwebhooks.deliver.kamelet.Kamelets;
import io.engagementwebhooks.ledger.BundledFile;
import io.engagementwebhooks.webhook.auth.Secret;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The form of a Kamelet is made of its definition (semantics 50). */
class OfferedKameletTest {

    private static final OfferedKamelet SQS =
            sqs(Map.of(), Set.of("region", "queueNameOrArn", "accessKey", "secretKey", "autoCreateQueue"));

    private static OfferedKamelet sqs(Map<String, Secret> values, Set<String> open) {
        KameletDefinition definition =
                KameletDefinition.parse("aws-sqs-sink", BundledFile.bytes("/kamelets/aws-sqs-sink.kamelet.yaml"));
        return OfferedKamelet.of(new Kamelets(Map.of("aws-sqs-sink", new Kamelets.Allowed(definition, values, open))))
                .get(0);
    }

    private static FormField field(String property) {
        return FormField.named("kamelet.aws-sqs-sink." + property, SQS.fields());
    }

    @Test
    void title_sentence_and_labels_are_those_of_the_file_in_its_order() {
        assertEquals("AWS SQS Sink", SQS.title());
        assertEquals("Send messages to an Amazon Simple Queue Service (SQS) queue.", SQS.summary());
        assertEquals(
                List.of("Queue Name", "Access Key", "Secret Key", "AWS Region", "Autocreate Queue"),
                SQS.fields().stream().map(FormField::label).toList());
        assertEquals("The AWS region to access.", field("region").hint());
    }

    @Test
    void credentials_are_never_shown_and_choices_name_their_default() {
        assertTrue(field("secretKey").isSecret());
        assertFalse(field("queueNameOrArn").isSecret());
        assertEquals(
                Map.of("", "Default: No", "true", "Yes", "false", "No"),
                field("autoCreateQueue").options());
        assertEquals("Choose one", field("region").options().get(""));
        assertTrue(field("region").options().containsKey("eu-north-1"));
    }

    @Test
    void only_what_the_operator_left_open_is_asked_for() {
        assertEquals("Queue Name, AWS Region", SQS.needs());
        OfferedKamelet set = sqs(Map.of("region", Secret.of("eu-west-1")), Set.of("queueNameOrArn", "region"));
        assertEquals("Queue Name", set.needs());
        assertFalse(set.fields().toString().contains("eu-west-1\", required"), "the operator's value is not shown");
        assertNull(set.fields().get(1).usual());
        assertEquals(
                "",
                sqs(Map.of("region", Secret.of("x"), "queueNameOrArn", Secret.of("y")), Set.of())
                        .needs());
    }

    @Test
    void errors_are_at_their_fields_and_say_their_labels() throws Exception {
        Form form = new Form(Map.of(
                "kamelet.aws-sqs-sink.queueNameOrArn", List.of("{{x}}"),
                "kamelet.aws-sqs-sink.autoCreateQueue", List.of("true")));
        Faults faults = SQS.faults(form, MissingNode.getInstance());
        assertEquals(
                Set.of("kamelet.aws-sqs-sink.queueNameOrArn", "kamelet.aws-sqs-sink.region"),
                faults.fields().keySet());
        assertTrue(faults.at("kamelet.aws-sqs-sink.queueNameOrArn").startsWith("Queue Name takes 1 to 500 "));
        assertEquals("Enter the AWS Region.", faults.at("kamelet.aws-sqs-sink.region"));
    }

    @Test
    void a_stored_credential_that_is_required_need_not_be_typed_again() throws Exception {
        KameletDefinition mail =
                KameletDefinition.parse("mail-sink", BundledFile.bytes("/kamelets/mail-sink.kamelet.yaml"));
        Map<String, Secret> values = Map.of("connectionHost", Secret.of("mail"), "username", Secret.of("u"));
        OfferedKamelet offered = OfferedKamelet.of(
                        new Kamelets(Map.of("mail-sink", new Kamelets.Allowed(mail, values, Set.of("password")))))
                .get(0);
        JsonNode before = new JsonMapper()
                .readTree(
                        "{\"delivery\": {\"kamelet\": {\"name\": \"mail-sink\", \"properties\": {\"password\": \"***\"}}}}");
        Form empty = new Form(Map.of());
        assertTrue(offered.faults(empty, before).isEmpty());
        assertEquals(
                "Enter the Password.",
                offered.faults(empty, MissingNode.getInstance()).at("kamelet.mail-sink.password"));
    }
}
