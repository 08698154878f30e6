package io.engagementwebhooks.console.forms;

import static io.engagementwebhooks.console.Visitor.with;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.console.Visitor;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.Patience;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Settings pages show definitions, and keep them when they are saved. */
@Timeout(300)
class SettingsPageTest {

    private static final String KEY = "acme-admin-key-settings";
    private static final String READ = "acme-read-key-of-settings";
    private static final JsonMapper JSON = new JsonMapper();
    private static final Certificates AUTHORITY = new Certificates();
    private static final Certificates.Issued CLIENT = AUTHORITY.client("acme", 5);
    private static final Certificates.Issued RSA = AUTHORITY.client("acme", 5, "RSA", 2048);

    private static final CountDownLatch GOES_ON = new CountDownLatch(1);
    private static final Receiver TOKENS = new Receiver(got -> {
        Patience.await(GOES_ON);
        return new Receiver.Reply(500);
    });
    private static RunningProduct product;
    private static Visitor anna;

    @BeforeAll
    static void start() {
        product = RunningProduct.shared("accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + KEY
                + "}, {name: eve, role: read, key: " + READ
                + "}, {name: visitor, role: read, until: 2031-02-03, key: acme-visitor-key-of-settings}]\n");
        anna = Visitor.signedIn(product, KEY);
    }

    @AfterAll
    static void stop() {
        GOES_ON.countDown();
        product.close();
        TOKENS.close();
    }

    private static void make(String list, String definition) {
        HttpResponse<String> made = product.post("/v1/" + list, KEY, "application/json", definition);
        assertEquals(201, made.statusCode(), made.body());
    }

    /** Opens a resource's page, sends its form, and compares everything except the time of the change. */
    private static void assertUnchanged(String kind, String list, String definition) throws Exception {
        String name = JSON.readTree(definition).path("name").asText();
        make(list, definition);
        ObjectNode before = shown(list, name);
        assertTrue(before.path("definition").isObject(), before.toString());
        String path = "/console/settings/" + kind + "/" + name;
        HttpResponse<String> saved =
                anna.post(path, with(Visitor.fields(anna.get(path).body()), "do", "save"));
        assertEquals(303, saved.statusCode(), saved.body());
        assertEquals(before, shown(list, name));
    }

    private static ObjectNode shown(String list, String name) {
        return ((ObjectNode) product.read("/v1/" + list + "/" + name.replace(" ", "%20"), KEY))
                .without(List.of("changedAt"));
    }

    private static String client(String name, String method, String more) {
        return """
                {"name": "%s", "clientId": "a", "authenticationEndpoint": "https://auth.example.com/oauth/token",
                 "tokenPath": "", "scope": "a b", "audience": "https://a.example.com", "resource": ["urn:one"],
                 "parameters": {"tenant": "acme", "tenant_key": "s3cret"}, "authorizationMethod": "%s"%s}"""
                .formatted(name, method, more);
    }

    private static String tls(Certificates.Issued issued) {
        ObjectNode tls = JSON.createObjectNode();
        tls.put("certificate", issued.certificatePem().strip())
                .put("key", issued.keyPem())
                .put("ca", AUTHORITY.pem().strip());
        return ", \"tls\": " + tls;
    }

    static List<String> oauthClients() throws Exception {
        String certificate = tls(CLIENT) + ", \"certificateBoundTokens\": true";
        String store = Base64.getEncoder().encodeToString(CLIENT.pkcs12("pass"));
        return List.of(
                client("body", "body", ", \"clientSecret\": \"s\", \"encoding\": \"raw\""),
                client(
                        "signing",
                        "private_key_jwt",
                        ", \"keyId\": \"k\", \"algorithm\": \"PS256\", \"assertionAudience\": \"urn:as\", \"privateKey\": "
                                + JSON.getNodeFactory().textNode(RSA.keyPem())),
                client("by-authority", "tls_client_auth", certificate),
                client("by-itself", "self_signed_tls_client_auth", certificate),
                client("by-store", "none", ", \"tls\": {\"pkcs12\": \"" + store + "\", \"password\": \"pass\"}"),
                "{\"name\": \"short\", \"clientId\": \"a\", \"clientSecret\": \"s\","
                        + " \"authenticationEndpoint\": \"https://auth.example.com\"}");
    }

    @ParameterizedTest
    @MethodSource("oauthClients")
    void an_oauth_client_that_is_shown_and_saved_is_the_same(String definition) throws Exception {
        assertUnchanged("oauth-client", "oauth-clients", definition);
    }

    @Test
    void each_value_is_saved_in_one_spelling_and_defaults_are_left_out() throws Exception {
        make(
                "oauth-clients",
                """
                {"name": "spelled", "clientId": "a", "authenticationEndpoint": "https://auth.example.com", "clientSecret": "s",
                 "tokenPath": "/oauth2/token", "authorizationMethod": "header", "certificateBoundTokens": false,
                 "resource": "urn:one", "parameters": {"limit": 5}, "tls": {"ca": %s}}"""
                        .formatted(
                                JSON.getNodeFactory().textNode(AUTHORITY.pem().strip() + "\n")));
        String path = "/console/settings/oauth-client/spelled";
        for (int i = 0; i < 2; i++) {
            String[] fields = Visitor.fields(anna.get(path).body());
            HttpResponse<String> saved = anna.post(path, with(fields, "do", "save"));
            assertEquals(303, saved.statusCode(), saved.body());
            assertEquals(
                    JSON.readTree(
                            """
                            {"name": "spelled", "clientId": "a", "authenticationEndpoint": "https://auth.example.com",
                             "clientSecret": "***", "resource": ["urn:one"], "parameters": {"limit": "5"}, "tls": {"ca": %s}}"""
                                    .formatted(JSON.getNodeFactory()
                                            .textNode(AUTHORITY.pem().strip()))),
                    shown("oauth-clients", "spelled").path("definition"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"login\": \"password\", \"clientSecret\": \"s\", \"user\": \"u\", \"password\": \"p\", \"allowPasswordLogin\": true",
                "\"login\": \"refresh-token\", \"clientSecret\": \"s\", \"refreshToken\": \"r\"",
                "\"login\": \"jwt-bearer\", \"user\": \"u\", \"audience\": \"https://test.salesforce.com\", \"privateKey\": \"KEY\"",
                "\"clientSecret\": \"s\", \"batchSize\": 1"
            })
    void a_salesforce_connection_that_is_shown_and_saved_is_the_same(String login) throws Exception {
        assertUnchanged(
                "salesforce",
                "connections",
                """
                {"name": "sales-%d", "type": "salesforce", "loginUrl": "https://acme.my.salesforce.com", "clientId": "c",
                 "apiVersion": "61.0", "instanceSuffix": ["salesforce.com", "force.com"], "batchWait": "30ms", %s}"""
                        .formatted(
                                login.hashCode() & 0xffff,
                                login.replace("KEY", RSA.keyPem().replace("\n", "\\n"))));
    }

    @Test
    void a_contentsquare_connection_that_is_shown_and_saved_is_the_same() throws Exception {
        assertUnchanged(
                "contentsquare",
                "connections",
                """
                {"name": "insights", "type": "contentsquare", "clientId": "c", "clientSecret": "s", "projectId": 1337,
                 "integrationVersion": 2, "createdOn": "2026-11-01", "scope": "a", "batchSize": 7, "batchWait": "30ms",
                 "tokenUrl": "https://api.contentsquare.com/v1/other", "endpointSuffix": "contentsquare.net",
                 "schema": [{"name": "answered", "type": "BOOL", "optional": true}, {"name": "at", "type": "DATETIME", "zone": "Europe/Oslo"}]}""");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"name\": \"pbx\", \"role\": \"read\", \"until\": \"2030-01-01T00:00:00Z\"",
                "\"name\": \"forever\", \"role\": \"admin\"",
                "\"name\": \"over\", \"role\": \"read\", \"until\": \"2020-01-01T00:00:00Z\""
            })
    void an_api_key_that_is_shown_and_saved_is_the_same(String definition) throws Exception {
        assertUnchanged("api-key", "api-keys", "{" + definition + "}");
    }

    @Test
    void an_api_key_that_is_given_another_end_keeps_its_role() {
        make("api-keys", "{\"name\": \"shorter\", \"role\": \"read\", \"until\": \"2030-01-01T00:00:00Z\"}");
        String path = "/console/settings/api-key/shorter";
        String[] fields = Visitor.fields(anna.get(path).body());
        HttpResponse<String> saved = anna.post(path, with(fields, "do", "save", "until", "2029-01-01T00:00:00Z"));
        assertEquals(303, saved.statusCode(), saved.body());
        assertEquals("read", shown("api-keys", "shorter").path("role").asText());
        assertEquals(
                "2029-01-01T00:00:00Z",
                shown("api-keys", "shorter").path("until").asText());
    }

    @Test
    void an_api_key_of_the_file_is_shown_as_written_without_the_key() {
        String page = anna.get("/console/settings/api-key/visitor").body();
        assertTrue(page.contains("<option value=\"read\" selected>"), page);
        assertTrue(page.contains("value=\"2031-02-03\""), page);
        assertEquals(
                "{\"name\":\"visitor\",\"role\":\"read\",\"until\":\"2031-02-03\"}",
                shown("api-keys", "visitor").path("definition").toString());
    }

    @Test
    void a_signing_key_is_shown_with_its_definition_without_what_signs() {
        make("signing-keys", "{\"id\": \"s1\", \"until\": \"2030-01-01\"}");
        assertEquals(
                "{\"id\":\"s1\",\"until\":\"2030-01-01\",\"secret\":\"***\"}",
                shown("signing-keys", "s1").path("definition").toString());
    }

    @Test
    void another_method_keeps_no_secret_of_the_previous_one() throws Exception {
        make("oauth-clients", client("changes", "header", ", \"clientSecret\": \"s\", \"encoding\": \"raw\""));
        String path = "/console/settings/oauth-client/changes";
        String[] fields = Visitor.fields(anna.get(path).body());
        HttpResponse<String> saved = anna.post(
                path,
                with(
                        fields,
                        "do",
                        "save",
                        "authorizationMethod",
                        "tls_client_auth",
                        "tls.certificate",
                        CLIENT.certificatePem(),
                        "tls.key",
                        CLIENT.keyPem()));
        assertEquals(303, saved.statusCode(), saved.body());
        JsonNode now = product.read("/v1/oauth-clients/changes", KEY).path("definition");
        assertEquals("tls_client_auth", now.path("authorizationMethod").asText());
        assertFalse(now.has("clientSecret") || now.has("encoding"), now.toString());
    }

    private static JsonNode tlsAfter(String name, String... changes) {
        String path = "/console/settings/oauth-client/" + name;
        String[] fields = Visitor.fields(anna.get(path).body());
        HttpResponse<String> saved = anna.post(path, with(with(fields, changes), "do", "save"));
        assertEquals(303, saved.statusCode(), saved.body());
        return shown("oauth-clients", name).at("/definition/tls");
    }

    @Test
    void overwriting_another_change_keeps_a_certificate_added_by_it() throws Exception {
        String store = Base64.getEncoder().encodeToString(CLIENT.pkcs12("pass"));
        make(
                "oauth-clients",
                client("replaced", "none", ", \"tls\": {\"pkcs12\": \"" + store + "\", \"password\": \"pass\"}"));
        String path = "/console/settings/oauth-client/replaced";
        String[] before = Visitor.fields(anna.get(path).body());
        tlsAfter("replaced", "tls.certificate", CLIENT.certificatePem(), "tls.key", CLIENT.keyPem());

        HttpResponse<String> late = anna.post(path, with(before, "scope", "typed-late", "do", "save"));
        assertEquals(422, late.statusCode());
        String[] again = Visitor.fields(late.body());
        assertEquals(422, anna.post(path, with(again, "do", "save")).statusCode());
        HttpResponse<String> over = anna.post(path, with(again, "do", "over-save"));

        assertEquals(303, over.statusCode(), over.body());
        JsonNode now = shown("oauth-clients", "replaced").path("definition");
        assertEquals("typed-late", now.path("scope").asText());
        assertEquals(Set.of("certificate", "key"), members(now.path("tls")));
    }

    private static Set<String> members(JsonNode object) {
        Set<String> members = new TreeSet<>();
        object.fieldNames().forEachRemaining(members::add);
        return members;
    }

    @Test
    void a_client_certificate_can_be_replaced_by_a_store_and_back_and_be_removed() throws Exception {
        String store = Base64.getEncoder().encodeToString(CLIENT.pkcs12("pass"));
        make("oauth-clients", client("certified", "none", tls(CLIENT)));
        assertEquals(
                Set.of("ca", "pkcs12", "password"),
                members(tlsAfter("certified", "tls.pkcs12", store, "tls.password", "pass")));
        String page = anna.get("/console/settings/oauth-client/certified").body();
        assertTrue(
                page.contains("It replaces certificate and key"),
                "said beside the field too where one is set: " + page);
        assertEquals(
                Set.of("ca", "certificate", "key"),
                members(tlsAfter("certified", "tls.certificate", CLIENT.certificatePem(), "tls.key", CLIENT.keyPem())));
        assertEquals(Set.of("ca"), members(tlsAfter("certified", "tls.certificate", "")));
        assertEquals(
                Set.of("ca", "pkcs12", "password"),
                members(tlsAfter("certified", "tls.pkcs12", store, "tls.password", "pass")));
        assertTrue(
                tlsAfter("certified", "tls.pkcs12.none", "true", "tls.ca", "").isMissingNode());
    }

    @Test
    void both_formats_of_a_client_certificate_at_once_are_refused() throws Exception {
        make("oauth-clients", client("both", "none", tls(CLIENT)));
        String path = "/console/settings/oauth-client/both";
        String[] fields = with(
                Visitor.fields(anna.get(path).body()),
                "do",
                "save",
                "tls.key",
                CLIENT.keyPem(),
                "tls.pkcs12",
                Base64.getEncoder().encodeToString(CLIENT.pkcs12("pass")),
                "tls.password",
                "pass");
        HttpResponse<String> refused = anna.post(path, fields);
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("id=\"tls.pkcs12-fault\""), refused.body());
    }

    @Test
    void an_error_of_a_choice_belongs_to_it() {
        String path = "/console/settings/oauth-client";
        HttpResponse<String> refused = anna.post(
                path,
                with(
                        Visitor.fields(anna.get(path).body()),
                        "do",
                        "save",
                        "name",
                        "chosen",
                        "authorizationMethod",
                        "by-telegram"));
        assertEquals(422, refused.statusCode());
        assertTrue(
                Pattern.compile("<select id=\"authorizationMethod\"[^>]*aria-describedby=\"authorizationMethod-fault\"")
                        .matcher(refused.body())
                        .find(),
                refused.body());
        assertTrue(refused.body().contains("<p class=\"fault\" id=\"authorizationMethod-fault\">"), refused.body());
    }

    @Test
    void role_read_sees_only_that_a_secret_is_set() {
        make(
                "oauth-clients",
                """
                {"name": "read-only", "clientId": "a", "authenticationEndpoint": "https://auth.example.com/token",
                 "clientSecret": "s", "scope": "", "parameters": {}, "resource": []}""");
        String page = Visitor.signedIn(product, READ)
                .get("/console/settings/oauth-client/read-only")
                .body();
        assertEquals(1, page.split("stored, not shown", -1).length - 1, page);
        assertFalse(page.contains("name=\"clientSecret\""), page);
        for (String empty : List.of("scope", "parameters", "resource")) {
            assertFalse(page.contains("name=\"" + empty + "\""), page);
        }
        assertTrue(page.contains("name=\"clientId\" type=\"text\" value=\"a\""), page);
    }

    @Test
    void the_shown_token_url_is_the_requested_one() {
        String form = "/console/settings/oauth-client";
        String[] fields = with(
                Visitor.fields(anna.get(form).body()),
                "name",
                "endpoint itself",
                "clientId",
                "a",
                "clientSecret",
                "s",
                "authenticationEndpoint",
                "https://auth.example.com/token");
        assertEquals("https://auth.example.com/token/oauth2/token", shownTokenUrl(fields));
        assertEquals("https://auth.example.com/token/x", shownTokenUrl(with(fields, "tokenPath", "/x")));
        String[] none = with(fields, "tokenPath.none", "true", "do", "save");
        assertEquals("https://auth.example.com/token", shownTokenUrl(none));
        HttpResponse<String> saved = anna.post(form, none);
        assertEquals(303, saved.statusCode(), saved.body());
        JsonNode client = shown("oauth-clients", "endpoint itself");
        assertEquals("https://auth.example.com/token", client.path("tokenUrl").asText());
        assertEquals("", client.at("/definition/tokenPath").asText("left out"));

        String path = form + "/endpoint%20itself";
        String[] kept = Visitor.fields(anna.get(path).body());
        assertEquals("https://auth.example.com/token", shownTokenUrl(kept));
        List<String> usual = new ArrayList<>(Arrays.asList(kept));
        int at = usual.indexOf("tokenPath.none");
        usual.subList(at, at + 2).clear();
        assertEquals(
                303,
                anna.post(path, with(usual.toArray(String[]::new), "do", "save"))
                        .statusCode());
        assertTrue(shown("oauth-clients", "endpoint itself")
                .at("/definition/tokenPath")
                .isMissingNode());
    }

    private static String shownTokenUrl(String[] fields) {
        return anna.post("/console/settings/token-url", fields).body();
    }

    @Test
    void an_error_of_a_certificate_is_beside_it() {
        SettingForm form = SettingKind.OAUTH_CLIENT.form();
        assertEquals("tls.key", form.fieldAt("/tls/key"));
        assertEquals("tls.certificate", form.fieldAt("/tls"));
        assertEquals("parameters", form.fieldAt("/parameters/grant_type"));
        assertEquals(null, form.fieldAt("/nothing"));
    }

    @Test
    void a_private_key_that_was_typed_is_in_no_page() {
        String path = "/console/settings/oauth-client";
        String[] fields = with(
                Visitor.fields(anna.get(path).body()),
                "do",
                "save",
                "name",
                "no good",
                "privateKey",
                "-----BEGIN never-shown",
                "tls.key",
                "-----BEGIN never-shown");
        HttpResponse<String> failed = anna.post(path, fields);
        assertEquals(422, failed.statusCode());
        assertTrue(failed.body().contains("no good"), failed.body());
        assertFalse(failed.body().contains("never-shown"), failed.body());
    }

    @Test
    void a_test_that_cannot_run_says_so_and_saves_nothing() throws Exception {
        make(
                "oauth-clients",
                """
                {"name": "slow", "clientId": "a", "clientSecret": "s", "authenticationEndpoint": "%s"}"""
                        .formatted(TOKENS.url().resolve("/")));
        List<CompletableFuture<Integer>> trials = IntStream.range(0, 2) // the limit per account
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> product.post("/v1/oauth-clients/slow/test", KEY, "application/json", "")
                                .statusCode()))
                .toList();
        await().until(() -> TOKENS.requests().size() == 2);
        HttpResponse<String> tested = anna.post(
                "/console/settings/oauth-client",
                "do",
                "test",
                "name",
                "fresh",
                "clientId",
                "a",
                "clientSecret",
                "s",
                "authenticationEndpoint",
                "https://auth.example.com");
        assertEquals(422, tested.statusCode());
        assertTrue(tested.body().contains("<b>Not tested.</b>"), tested.body());
        assertEquals(404, product.get("/v1/oauth-clients/fresh", KEY).statusCode(), "a test saves nothing");
        GOES_ON.countDown();
        for (CompletableFuture<Integer> trial : trials) {
            assertEquals(200, trial.get());
        }
    }

    @Test
    void the_audit_log_continues_after_its_first_page() {
        for (int i = 0; i <= 80; i++) {
            make(
                    "oauth-clients",
                    """
                    {"name": "z%03d", "clientId": "a", "clientSecret": "s", "authenticationEndpoint": "https://auth.example.com"}"""
                            .formatted(i));
        }
        String latest = anna.get("/console/settings/audit").body();
        assertTrue(latest.contains("created OAuth client z080</td>"), latest);
        assertFalse(latest.contains(" z015</td>"), "not among the last changes");
        int at = latest.indexOf("href=\"/console/settings/audit?cursor=");
        String earlier = anna.get(latest.substring(at + "href=\"".length(), latest.indexOf("\" rel=", at)))
                .body();
        assertTrue(earlier.contains(" z015</td>"), earlier);
    }

    @Test
    void a_new_form_has_seven_fields_and_a_default_token_path() {
        String page = anna.get("/console/settings/oauth-client").body();
        int at = 0;
        for (String label : List.of(
                "Name",
                "Client ID",
                "Client Secret",
                "Authentication Endpoint",
                "Scope",
                "Token Path",
                "Authorization Method")) {
            at = page.indexOf("\">" + label + "</label>", at);
            assertTrue(at > 0, label + " is there, in this order: " + page);
        }
        assertTrue(page.contains("name=\"tokenPath\" type=\"text\" value=\"/oauth2/token\""), page);
        assertTrue(page.contains("<option value=\"header\" selected>Header</option>"), page);
    }

    @Test
    void a_refused_deletion_names_the_users_of_the_resource() {
        make(
                "oauth-clients",
                """
                {"name": "in-use", "clientId": "a", "clientSecret": "s", "authenticationEndpoint": "https://auth.example.com"}""");
        make(
                "webhooks",
                """
                {"name": "its-user", "events": ["never"], "delivery": {"url": "https://crm.example.com/",
                 "authentication": {"type": "oauth2", "client": "in-use"}}}""");
        String path = "/console/settings/oauth-client/in-use";
        String page = anna.get(path).body();
        String id = product.webhookId(KEY, "its-user");
        assertTrue(page.contains("1 webhook:") && page.contains("href=\"/console/webhooks/" + id + "\""), page);
        assertTrue(
                anna.get("/console/settings/oauth-clients").body().contains("href=\"/console/webhooks/" + id + "\""));
        HttpResponse<String> refused = anna.post(path, with(Visitor.fields(page), "do", "delete"));
        assertEquals(422, refused.statusCode());
        assertTrue(refused.body().contains("<b>Not deleted.</b>"), refused.body());
        assertTrue(refused.body().contains("is used by 'its-user'"), refused.body());
        assertFalse(refused.body().contains("not saved yet"), refused.body());
    }

    @Test
    void a_rotation_shows_the_new_key_and_the_end_of_the_old_one_side_by_side() {
        make("signing-keys", "{\"id\": \"turn1\"}");
        String path = "/console/settings/signing-key/turn1";
        String page = anna.get(path).body();
        assertTrue(page.contains("<div popover id=\"rotate\" class=\"dialog\""), page);
        String rotated = anna.post(path, with(Visitor.fields(page), "do", "rotate", "grace", "7d"))
                .body();
        assertTrue(rotated.contains("New: turn2") && rotated.contains("Old: turn1"), rotated);
        assertTrue(rotated.contains("whsec_"), rotated);
        String until = product.read("/v1/signing-keys/turn1", KEY).path("until").asText();
        assertTrue(rotated.contains("datetime=\"" + until + "\""), rotated);
    }

    @Test
    void a_certificate_that_expires_soon_needs_attention() {
        make("oauth-clients", client("expires", "tls_client_auth", tls(CLIENT)));
        String page = anna.get("/console/overview").body();
        assertTrue(page.contains("/console/settings/oauth-clients?attention=true"), page);
        String list = anna.get("/console/settings/oauth-clients?attention=true").body();
        assertTrue(list.contains("Its client certificate expires on"), list);
    }
}
