package io.engagementwebhooks.console.forms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.config.schema.Schema;
import io.engagementwebhooks.console.Templates;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormReaderTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** What the API knows beside the schema: which signing key the product makes. */
    private static final Set<String> BESIDE_THE_SCHEMA = Set.of("scheme");

    private final Templates templates = new Templates();

    @ParameterizedTest
    @CsvSource({
        "oauth-client, oauthClient",
        "salesforce, salesforceConnection",
        "contentsquare, contentsquareConnection",
        "api-key, apiKey",
        "signing-key, signingKey",
        "event-type, eventTypeDefinition"
    })
    void every_field_of_the_schema_is_in_the_form_or_named_as_left_out(String kind, String definition) {
        JsonNode schemas = Schema.document().path("definitions");
        TreeSet<String> members = names(schemas.path(definition).path("properties"));
        if (members.remove("tls")) {
            names(schemas.path("tls").path("properties")).forEach(member -> members.add("tls." + member));
        }
        JsonNode words = FormReader.words().path(kind);
        TreeSet<String> known = names(words.path("fields"));
        known.addAll(names(words.path("advanced")));
        words.path("leftOut").forEach(name -> known.add(name.asText()));
        known.removeAll(BESIDE_THE_SCHEMA);
        assertEquals(members, known);
    }

    private static TreeSet<String> names(JsonNode object) {
        Iterable<String> names = object::fieldNames;
        return StreamSupport.stream(names.spliterator(), false).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The form of an OAuth client, with fields that are added to the schema and to the words. */
    private static SettingForm withMore(String schema, String words) throws Exception {
        JsonNode document = Schema.document();
        ObjectNode client = (ObjectNode) document.at("/definitions/oauthClient");
        JSON.readerForUpdating(client.path("properties")).readValue(schema);
        ObjectNode all = (ObjectNode) FormReader.words().path("oauth-client");
        JSON.readerForUpdating(all.path("fields")).readValue(words);
        return new FormReader(document, "oauthClient").form(null, all);
    }

    private String shown(SettingForm settings, String key, Form form) {
        FormField field = settings.fields().stream()
                .filter(each -> each.name().equals(key))
                .findFirst()
                .orElseThrow();
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("field", field);
        parameters.put("form", form);
        parameters.put("faults", Faults.NONE);
        parameters.put("changes", true);
        parameters.put("isSet", false);
        return new String(templates.render("setting-field", parameters), StandardCharsets.UTF_8);
    }

    @Test
    void a_field_of_the_schema_and_of_the_words_is_in_the_form_and_in_what_the_api_is_sent() throws Exception {
        SettingForm form = withMore(
                """
                {"region": {"anyOf": [{"enum": ["eu", "us"]}, {"$ref": "#/definitions/placeholder"}]},
                 "proof": {"allOf": [{"$ref": "#/definitions/text"}], "x-secret": true},
                 "attempts": {"type": "integer", "default": 3},
                 "hosts": {"type": "array", "items": {"$ref": "#/definitions/host"}},
                 "strict": {"type": "boolean", "default": false}}""",
                """
                {"region": {"label": "Region", "choices": {"eu": "Europe"}},
                 "proof": {"label": "Proof", "hint": "Of the contract."}, "attempts": "Attempts", "hosts": "Hosts",
                 "strict": "Strict"}""");
        Form empty = form.of(JSON.createObjectNode());
        String region = shown(form, "region", empty);
        assertTrue(region.contains("<label for=\"region\">Region</label>"), region);
        assertEquals(
                List.of("", "Europe", "us"),
                Stream.of(region.split("<option "))
                        .skip(1)
                        .map(FormReaderTest::label)
                        .toList());
        String proof = shown(form, "proof", empty);
        assertTrue(proof.contains("type=\"password\"") && proof.contains("Of the contract."), proof);
        assertTrue(shown(form, "attempts", empty).contains("placeholder=\"3\""));
        assertTrue(shown(form, "strict", empty).contains("<option value=\"true\">Yes</option>"));

        Form typed = empty.with("region", "us")
                .with("proof", "hush")
                .with("attempts", "5")
                .with("hosts", "a.example, b.example")
                .with("strict", "true");
        JsonNode sent = form.definition(typed, JSON.createObjectNode());
        assertEquals(
                JSON.readTree(
                        """
                        {"region": "us", "proof": "hush", "attempts": 5, "hosts": ["a.example", "b.example"], "strict": true}"""),
                JSON.readTree(sent.toString()));
        assertEquals("proof", form.fieldAt("/proof"));
        assertEquals(sent, form.definition(form.of(sent), sent));
    }

    @Test
    void a_choice_that_the_page_does_not_know_stays_chosen() {
        SettingForm form = SettingKind.OAUTH_CLIENT.form();
        String method = shown(
                form,
                "authorizationMethod",
                form.of(JSON.createObjectNode()).with("authorizationMethod", "of-tomorrow"));
        assertTrue(method.contains("<option value=\"of-tomorrow\" selected>of-tomorrow</option>"), method);
    }

    private static String label(String option) {
        return option.substring(option.indexOf('>') + 1, option.indexOf("</option>"));
    }

    @Test
    void a_field_goes_with_the_choices_that_the_schema_lets_it_stand_beside() throws Exception {
        SettingForm form = withMore("{}", "{}");
        Map<String, Set<String>> only = new LinkedHashMap<>();
        form.fields().forEach(field -> only.put(field.name(), field.only()));
        assertEquals("authorizationMethod", form.chooser());
        assertEquals(Set.of("header", "body"), only.get("clientSecret"));
        assertEquals(Set.of("private_key_jwt"), only.get("keyId"));
        assertEquals(Set.of(), only.get("scope"));
    }
}
