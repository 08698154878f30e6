package io.engagementwebhooks.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.config.read.FileDefinition;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.config.schema.Fault;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.testkit.Ids;
import io.engagementwebhooks.testkit.TestKeys;
import io.engagementwebhooks.webhook.ApiKey;
import io.engagementwebhooks.webhook.Breaker;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.Fifo;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.RateLimit;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.auth.AssertionKey;
import io.engagementwebhooks.webhook.auth.Authentication;
import io.engagementwebhooks.webhook.auth.ClientCredential;
import io.engagementwebhooks.webhook.auth.ClientCredential.Encoding;
import io.engagementwebhooks.webhook.auth.Secret;
import io.engagementwebhooks.webhook.auth.TokenParameters;
import io.engagementwebhooks.webhook.signing.Ed25519Key;
import io.engagementwebhooks.webhook.signing.SignatureAlgorithm;
import io.engagementwebhooks.webhook.signing.Signing;
import io.engagementwebhooks.webhook.signing.Validity;
import io.engagementwebhooks.webhook.template.Body;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigParserTest {

    private static final String WEBHOOK =
            "{name: one, events: [call.ended], delivery: {url: \"https://a.example.com/\"%s}%s}";

    private final Map<String, String> environment = new HashMap<>();

    @TempDir
    Path folder;

    @Test
    void a_minimal_webhook_gets_the_defaults() throws ConfigFaults {
        Webhook webhook = webhook("", "");
        Target.Http target =
                assertInstanceOf(Target.Http.class, webhook.delivery().target());
        assertEquals("POST", target.method());
        assertEquals(new Body.WholeEvent(), target.body());
        assertEquals(Signing.Form.STANDARD, target.signing().form());
        assertEquals(new Authentication.None(), webhook.delivery().authentication());
        assertEquals(Duration.ofSeconds(15), webhook.delivery().timeout(), "semantics 15");
        assertEquals("standard", webhook.retry().name());
        assertEquals(
                List.of(
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(5),
                        Duration.ofMinutes(30),
                        Duration.ofHours(2),
                        Duration.ofHours(5),
                        Duration.ofHours(10),
                        Duration.ofHours(14),
                        Duration.ofHours(20),
                        Duration.ofHours(24)),
                webhook.retry().gaps(),
                "semantics 12");
        assertEquals(Set.of(), webhook.giveUpOn());
        assertEquals(Optional.empty(), webhook.breaker());
    }

    @Test
    void a_webhook_may_set_every_option() throws ConfigFaults {
        Webhook webhook = webhook(
                ", method: PUT, succeedOn: [409, 404], timeout: 5s, signed: false, waitFor: {field: data.recording_id, atMost: 30m}",
                ", retry: [300ms, 1m], maxAge: 2d, giveUpOn: [400, 422], disableAfter: 12h");
        Target.Http target =
                assertInstanceOf(Target.Http.class, webhook.delivery().target());
        assertEquals("PUT", target.method());
        assertEquals(Signing.Form.NONE, target.signing().form());
        assertEquals(Duration.ofSeconds(5), webhook.delivery().timeout());
        assertEquals(
                Duration.ofMinutes(30),
                webhook.delivery().waitFor().orElseThrow().atMost());
        assertEquals(
                List.of(Duration.ofMillis(300), Duration.ofMinutes(1)),
                webhook.retry().gaps());
        assertEquals("[300ms, 1m]", webhook.retry().name());
        assertEquals(Duration.ofDays(2), webhook.maxAge());
        assertEquals(Set.of(404, 409), webhook.delivery().succeedOn());
        assertEquals(Set.of(400, 422), webhook.giveUpOn());
        assertEquals(Optional.of(Breaker.after(Duration.ofHours(12))), webhook.breaker());
        assertEquals(
                Optional.of(Breaker.NEVER), webhook("", ", disableAfter: never").breaker());
    }

    /** A reader would trust what is not checked. */
    @ParameterizedTest
    @MethodSource("definitionsOfManyFaults")
    void a_definition_whose_check_ends_at_a_limit_has_faults_and_is_not_read(String more) {
        ConfigFaults faults = assertThrows(ConfigFaults.class, () -> webhook("", more + ", retry: foo"));
        assertFalse(faults.faults().isEmpty());
    }

    private static List<String> definitionsOfManyFaults() {
        return List.of(", giveUpOn: [" + "0, ".repeat(1_000) + "0]", ", was: " + "n".repeat(200_000));
    }

    @Test
    void a_webhook_may_set_a_rate_limit() throws ConfigFaults {
        assertEquals(Optional.empty(), webhook("", "").delivery().rateLimit());
        for (String text : List.of("50/s", "300/m", "10000/h")) {
            RateLimit limit =
                    webhook(", rateLimit: " + text, "").delivery().rateLimit().orElseThrow();
            assertEquals(
                    text,
                    limit.requests() + "/"
                            + limit.unit().name().toLowerCase(Locale.ROOT).charAt(0));
        }
        for (String text : List.of("0/s", "10001/s", "5/d", "5", "-1/s", "1.5/s")) {
            ConfigFaults faults = assertThrows(ConfigFaults.class, () -> webhook(", rateLimit: " + text, ""));
            assertTrue(faults.getMessage().contains("'rateLimit' is '" + text + "'"), faults.getMessage());
        }
    }

    @Test
    void a_webhook_may_set_fifo_by_key() throws ConfigFaults {
        assertEquals(Optional.empty(), webhook("", "").delivery().fifo());
        assertEquals(
                new Fifo("subject", Optional.of(Duration.ofHours(1))),
                webhook(", fifo: {}", "").delivery().fifo().orElseThrow());
        assertEquals(
                new Fifo("data.contact.id", Optional.of(Duration.ZERO)),
                webhook(", fifo: {key: data.contact.id, skipAfter: 0s}", "")
                        .delivery()
                        .fifo()
                        .orElseThrow());
        assertEquals(
                new Fifo("subject", Optional.empty()),
                webhook(", fifo: {skipAfter: never}", "").delivery().fifo().orElseThrow());
    }

    /** Semantics 14. */
    @Test
    void the_maximum_age_is_the_default_or_a_day_beyond_the_schedule() throws ConfigFaults {
        assertEquals(Duration.ofDays(7), webhook("", "").maxAge());
        assertEquals(
                Duration.ofDays(8),
                webhook("", ", retry: every-30-min-for-7-days").maxAge());
        assertEquals(Duration.ofDays(7), webhook("", ", retry: []").maxAge());
    }

    /** Semantics 33. */
    @Test
    void user_and_password_become_basic_in_utf_8() throws ConfigFaults {
        assertEquals(
                "Basic " + Base64.getEncoder().encodeToString("jürgen:pä:ß".getBytes(StandardCharsets.UTF_8)),
                authorization("user: jürgen, password: \"pä:ß\""));
        assertEquals("Basic dTo=", authorization("user: u, password: \"\""));
    }

    @Test
    void a_complete_authorization_value_is_sent_unchanged() throws ConfigFaults {
        assertEquals("Bearer abc.def", authorization("value: Bearer abc.def"));
        assertEquals("basic dTpw", authorization("value: basic dTpw"));
        assertEquals("an-opaque-key", authorization("value: an-opaque-key"));
    }

    @Test
    void an_oauth_client_has_its_token_url() throws ConfigFaults {
        Config config = read(
                """
                accounts:
                  - id: acme
                    oauthClients:
                      - {name: crm, clientId: a, clientSecret: b, authenticationEndpoint: "https://auth.example.com/", scope: c d}
                      - {name: post, clientId: a, clientSecret: b, authenticationEndpoint: "https://auth.example.com/t",
                         tokenPath: "", authorizationMethod: body, encoding: raw}
                    webhooks:
                      - name: one
                        events: call.ended
                        delivery: {url: "https://a.example.com/", authentication: {type: oauth2, client: post}}
                """);
        OAuthClient crm = config.oauthClients("acme").get(0);
        assertEquals(URI.create("https://auth.example.com/oauth2/token"), crm.tokenUrl());
        assertEquals(TokenParameters.scope("c d"), crm.parameters());
        assertEquals(new ClientCredential.InHeader(Secret.of("b"), Encoding.RFC6749), crm.credential());
        OAuthClient post = config.oauthClients("acme").get(1);
        assertEquals(URI.create("https://auth.example.com/t"), post.tokenUrl());
        assertEquals(new ClientCredential.InForm(Secret.of("b")), post.credential());
        assertEquals(
                new Authentication.OAuth2(post),
                config.webhooks().get(0).delivery().authentication());
    }

    @Test
    void an_oauth_client_may_sign_assertions_and_set_further_parameters() throws ConfigFaults {
        String pem = TestKeys.pem(TestKeys.rsa(2048).getPrivate());
        environment.put("KEY", pem);
        environment.put(
                "ONE_LINE", TestKeys.pem(TestKeys.ec("secp384r1").getPrivate()).replace("\n", "\\n"));
        environment.put("TENANT_KEY", "hush");
        List<OAuthClient> clients =
                read("""
                        accounts:
                          - id: acme
                            oauthClients:
                              - name: all
                                clientId: a
                                authenticationEndpoint: https://auth.example.com
                                authorizationMethod: private_key_jwt
                                privateKey: "{{env:KEY}}"
                                keyId: k1
                                algorithm: PS512
                                assertionAudience: https://auth.example.com/
                                audience: https://api.example.com
                                resource: [https://api.example.com/, "urn:example:other"]
                                parameters: {tenant: 7, tenant_key: "{{env:TENANT_KEY}}"}
                              - {name: few, clientId: a, authenticationEndpoint: "https://auth.example.com",
                                 authorizationMethod: private_key_jwt, privateKey: "{{env:ONE_LINE}}", resource: "urn:x"}
                              - {name: public, clientId: a, authenticationEndpoint: "https://auth.example.com",
                                 authorizationMethod: none}
                        """)
                        .oauthClients("acme");
        assertEquals(
                new ClientCredential.SignedAssertion(
                        AssertionKey.of(Secret.of(pem)),
                        SignatureAlgorithm.PS512,
                        Optional.of("k1"),
                        Optional.of("https://auth.example.com/")),
                clients.get(0).credential());
        assertEquals(
                new TokenParameters(
                        "",
                        Optional.of("https://api.example.com"),
                        List.of(URI.create("https://api.example.com/"), URI.create("urn:example:other")),
                        List.of(
                                new TokenParameters.FormField("tenant", Secret.of("7"), true),
                                new TokenParameters.FormField("tenant_key", Secret.of("hush"), false))),
                clients.get(0).parameters());
        ClientCredential.SignedAssertion few = assertInstanceOf(
                ClientCredential.SignedAssertion.class, clients.get(1).credential());
        assertEquals(SignatureAlgorithm.ES384, few.algorithm(), "what fits the key");
        assertEquals(List.of(URI.create("urn:x")), clients.get(1).parameters().resources());
        assertEquals(new ClientCredential.None(), clients.get(2).credential());
    }

    @Test
    void an_oauth_client_by_certificate_needs_one_and_https() {
        Certificates.Issued own = new Certificates().client("acme", 30);
        environment.put("CERTIFICATE", own.certificatePem());
        environment.put("KEY", own.keyPem());
        ConfigFaults faults = assertThrows(
                ConfigFaults.class,
                () -> read(
                        """
                        accounts:
                          - id: acme
                            signingKeys: []
                            oauthClients:
                              - {name: lacking, clientId: a, authenticationEndpoint: "https://auth.example.com",
                                 authorizationMethod: tls_client_auth}
                              - {name: bound, clientId: a, authenticationEndpoint: "https://auth.example.com",
                                 clientSecret: b, certificateBoundTokens: true}
                              - {name: plain, clientId: a, authenticationEndpoint: "http://auth.example.com",
                                 authorizationMethod: self_signed_tls_client_auth,
                                 tls: {certificate: "{{env:CERTIFICATE}}", key: "{{env:KEY}}"}}
                              - {name: good, clientId: a, authenticationEndpoint: "https://auth.example.com",
                                 authorizationMethod: tls_client_auth, certificateBoundTokens: true,
                                 tls: {certificate: "{{env:CERTIFICATE}}", key: "{{env:KEY}}"}}
                            webhooks:
                              - name: two
                                events: call.ended
                                delivery: {url: "https://a.example.com/", authentication: {type: oauth2, client: good},
                                           tls: {certificate: "{{env:CERTIFICATE}}", key: "{{env:KEY}}"}}
                              - name: http
                                events: call.ended
                                delivery: {url: "http://a.example.com/", authentication: {type: oauth2, client: good}}
                        """));
        for (String fault : List.of(
                "'lacking': 'authorizationMethod' lacks the certificate by which the server knows the client",
                "'bound': 'certificateBoundTokens' lacks the certificate to which they are bound",
                "'plain': 'tls' does not go with a token URL of plain http",
                "'two': 'tls' shows its own certificate, but tokens of OAuth client 'good' are bound to that of the"
                        + " client",
                "'http': 'url' is of plain http, where no certificate can be shown")) {
            assertTrue(faults.getMessage().contains(fault), faults.getMessage());
        }
    }

    /** RFC 8705 section 3: such a token is useless without the certificate. */
    @Test
    void a_custom_destination_uses_the_certificate_of_its_bound_tokens() throws ConfigFaults {
        Certificates.Issued own = new Certificates().client("acme", 30);
        environment.put("CERTIFICATE", own.certificatePem());
        environment.put("KEY", own.keyPem());
        Config config = read(
                """
                accounts:
                  - id: acme
                    oauthClients:
                      - {name: crm, clientId: a, authenticationEndpoint: "https://auth.example.com",
                         authorizationMethod: tls_client_auth, certificateBoundTokens: true,
                         tls: {certificate: "{{env:CERTIFICATE}}", key: "{{env:KEY}}"}}
                    webhooks:
                      - name: one
                        events: call.ended
                        delivery: {url: "https://a.example.com/",
                                   authentication: {type: custom, destination: hubspot, client: crm}}
                """);
        Target.Http target = assertInstanceOf(
                Target.Http.class, config.webhooks().get(0).delivery().target());
        assertEquals(own.chain(), target.tls().chain());
    }

    @Test
    void a_webhook_may_set_the_statuses_that_refuse_a_token() throws ConfigFaults {
        String config =
                """
                accounts:
                  - id: acme
                    oauthClients: [{name: crm, clientId: a, clientSecret: b, authenticationEndpoint: "https://auth.example.com"}]
                    webhooks:
                      - name: one
                        events: call.ended
                        delivery: {url: "https://a.example.com/", authentication: {type: oauth2, client: crm%s}}
                """;
        assertEquals(Set.of(401), renewOn(config.formatted("")));
        assertEquals(Set.of(401, 403), renewOn(config.formatted(", renewOn: [401, 403]")));
        assertEquals(Set.of(), renewOn(config.formatted(", renewOn: []")));
    }

    private Set<Integer> renewOn(String config) throws ConfigFaults {
        return assertInstanceOf(
                        Authentication.OAuth2.class,
                        read(config).webhooks().get(0).delivery().authentication())
                .renewOn();
    }

    /** Semantics 16. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            key: other, header: X-A                        | item 1 of 'key' is not the id of a signing key of account 'acme'
            key: pair, header: X-A                         | 'key' names a key pair (name a shared secret, whsec_…)
            key: [k1, k2], header: X-A                     | 'key' names several keys, and 'prefix' has no comma
            key: k1, header: Authorization                 | 'header' 'Authorization' holds credentials
            key: k1, header: webhook-signature             | 'header' 'webhook-signature' is set by HTTP or by us
            key: k1, header: Content-Type                  | 'header' 'Content-Type' describes the body
            key: k1, header: X-Own                         | 'header' 'X-Own' stands twice
            key: k1, header: X-A, timestampHeader: x-a     | 'timestampHeader' 'x-a' stands twice
            key: k1, header: X-A, content: "{timestamp}"   | {body} once, {timestamp}, {id} and text
            key: k1, header: X-A, prefix: "{body}"         | printable ASCII and {timestamp}
            key: k1, header: X-A, algorithm: md5           | sha1, sha256
            """)
    void a_signature_in_another_form_with_a_fault_is_refused(String custom, String fault) {
        ConfigFaults faults = assertThrows(ConfigFaults.class, () -> read(signing(custom)));
        assertTrue(faults.getMessage().contains(fault), faults.getMessage());
    }

    @Test
    void a_signature_by_sha1_is_accepted_with_a_warning() throws Exception {
        ConfigParser.Good good = ConfigReaders.lenient()
                .read(
                        signing("key: k1, header: X-A, algorithm: sha1").getBytes(StandardCharsets.UTF_8),
                        name -> Optional.empty());
        assertTrue(
                good.warnings().toString().contains("'algorithm' sha1 is outdated"),
                good.warnings().toString());
    }

    private static String signing(String custom) {
        return """
                accounts:
                  - id: acme
                    signingKeys:
                      - {id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}
                      - {id: k2, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx}
                      - {id: pair, privateKey: %s}
                    webhooks: [{name: one, events: ["*"], delivery: {url: "https://a.example.com/", headers: {X-Own: a},
                      signing: {custom: {%s}}}}]
                """
                .formatted(Ed25519Key.generate(new SecureRandom()).privateText().reveal(), custom);
    }

    @Test
    void an_api_key_in_a_signature_header_is_refused() {
        ConfigFaults faults = assertThrows(
                ConfigFaults.class,
                () -> webhook(
                        ", signature: both, authentication: {type: api-key, header: Signature, value: the-partners-key}",
                        ""));
        assertTrue(
                faults.getMessage().contains("header 'Signature' of 'authentication' is set by the signature"),
                faults.getMessage());
    }

    @Test
    void unused_credentials_of_a_custom_destination_are_refused() {
        for (String credentials : List.of(
                "header: X-Api-Key, value: v, user: u, password: p", "header: X-Api-Key, value: v, renewOn: [403]")) {
            assertThrows(
                    ConfigFaults.class,
                    () -> webhook(", authentication: {type: custom, destination: hubspot, " + credentials + "}", ""),
                    credentials);
        }
    }

    @Test
    void a_private_key_that_cannot_sign_is_refused_without_showing_it() {
        for (Map.Entry<String, String> wrong : Map.of(
                        TestKeys.pem(TestKeys.rsa(1024).getPrivate()),
                        "is an RSA key of 1024 bits",
                        TestKeys.pem(TestKeys.rsa(2048).getPrivate()).replace("PRIVATE", "RSA PRIVATE"),
                        "is a RSA PRIVATE KEY, not PKCS#8",
                        TestKeys.pem(TestKeys.rsa(2048).getPrivate()).replace("PRIVATE", "ENCRYPTED PRIVATE"),
                        "is encrypted",
                        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
                        "holds a private key that cannot be read",
                        "hush-hush",
                        "holds no private key")
                .entrySet()) {
            environment.put("KEY", wrong.getKey());
            ConfigFaults faults = assertThrows(
                    ConfigFaults.class,
                    () -> read(
                            """
                            accounts:
                              - id: acme
                                oauthClients:
                                  - {name: jwt, clientId: a, authenticationEndpoint: "https://auth.example.com",
                                     authorizationMethod: private_key_jwt, privateKey: "{{env:KEY}}"}
                            """));
            assertTrue(faults.getMessage().contains("'privateKey' " + wrong.getValue()), faults.getMessage());
            assertFalse(faults.getMessage().contains("hush"), faults.getMessage());
        }
    }

    @Test
    void salesforce_and_contentsquare_have_their_defaults() throws ConfigFaults {
        Config config = read(
                """
                accounts:
                  - id: acme
                    connections:
                      - {name: sales, type: salesforce, loginUrl: "https://acme.my.salesforce.com", clientId: a, clientSecret: b}
                      - {name: insights, type: contentsquare, clientId: a, clientSecret: b, schema: []}
                    webhooks:
                      - name: tasks
                        events: [call.ended]
                        delivery: {authentication: {type: salesforce, connection: sales}}
                      - name: sessions
                        events: [call.ended]
                        delivery: {authentication: {type: contentsquare, connection: insights}}
                """);
        SalesforceConnection sales = config.salesforceConnections("acme").get(0);
        assertEquals("66.0", sales.apiVersion());
        assertEquals(SalesforceConnection.DEFAULT_INSTANCE_SUFFIXES, sales.instanceSuffixes());
        Target.Salesforce task = assertInstanceOf(
                Target.Salesforce.class, config.webhooks().get(0).delivery().target());
        assertEquals(Target.Salesforce.Operation.CREATE, task.operation());
        assertEquals("Task", task.object());
        Target.Contentsquare session = assertInstanceOf(
                Target.Contentsquare.class, config.webhooks().get(1).delivery().target());
        assertEquals(Target.Contentsquare.DEFAULT_SESSION_PATH, session.sessionPath());
        assertEquals(
                "contentsquare.com",
                config.contentsquareConnections("acme").get(0).endpointSuffix());
    }

    @Test
    void both_kinds_of_signing_keys_are_read() throws ConfigFaults, GeneralSecurityException {
        byte[] pkcs8 = KeyPairGenerator.getInstance("Ed25519")
                .generateKeyPair()
                .getPrivate()
                .getEncoded();
        environment.put(
                "PEM",
                "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(pkcs8)
                        + "\n-----END PRIVATE KEY-----\n");
        List<SigningKey> keys =
                read("""
                accounts:
                  - id: acme
                    signingKeys:
                      - {id: k3, privateKey: "{{env:PEM}}"}
                      - {id: k2, privateKey: "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="}
                      - {id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}
                """)
                        .accounts()
                        .get("acme")
                        .signingKeys();
        assertEquals(
                List.of(SigningKey.Scheme.V1A, SigningKey.Scheme.V1A, SigningKey.Scheme.V1),
                keys.stream().map(SigningKey::scheme).toList());
    }

    @Test
    void the_validity_of_a_key_has_times_or_dates_in_utc() throws ConfigFaults {
        List<SigningKey> keys =
                read("""
                accounts:
                  - id: acme
                    signingKeys:
                      - {id: k3, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, from: 2027-01-31T13:00:00+01:00}
                      - {id: k2, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw, from: "2027-01-01", until: 2027-02-01}
                      - {id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}
                """)
                        .accounts()
                        .get("acme")
                        .signingKeys();
        assertEquals(
                List.of(
                        new Validity(Instant.parse("2027-01-31T12:00:00Z"), Instant.MAX),
                        new Validity(Instant.parse("2027-01-01T00:00:00Z"), Instant.parse("2027-02-01T00:00:00Z")),
                        Validity.ALWAYS),
                keys.stream().map(SigningKey::validity).toList());
    }

    @Test
    void a_webhook_signs_by_all_keys_of_its_account_or_selected_ones_or_its_own() throws ConfigFaults {
        Config config = read(
                """
                accounts:
                  - id: acme
                    signingKeys:
                      - {id: k2, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}
                      - {id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}
                    webhooks:
                      - {name: all, events: [a], delivery: {url: "https://a.example.com"}}
                      - {name: named, events: [a], delivery: {url: "https://a.example.com", signature: rfc9421, signingKeys: [k1, k1]}}
                      - name: own
                        events: [a]
                        delivery:
                          url: https://a.example.com
                          signature: both
                          signingKeys: [{id: mine, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}, k2]
                      - {name: unsigned, events: [a], delivery: {url: "https://a.example.com", signature: none}}
                """);
        assertEquals("standard by k2, k1", signing(config, "all"));
        assertEquals("rfc9421 by k1", signing(config, "named"));
        assertEquals("both by mine, k2", signing(config, "own"));
        assertEquals("none by ", signing(config, "unsigned"));
        assertEquals(
                List.of("k2", "k1"),
                config.accounts().get("acme").signingKeys().stream()
                        .map(SigningKey::id)
                        .toList());
    }

    private static String signing(Config config, String webhook) {
        Target.Http target = (Target.Http) config.webhook(Ids.webhook("acme", webhook))
                .orElseThrow()
                .delivery()
                .target();
        return target.signing().form().text() + " by "
                + target.signing().keys().stream().map(SigningKey::id).collect(Collectors.joining(", "));
    }

    @Test
    void a_url_is_sent_in_canonical_form() throws ConfigFaults {
        Map<String, String> urls = Map.of(
                "HTTPS://CRM.Example.com:443", "https://crm.example.com/",
                "https://crm.example.com?a=B%2f", "https://crm.example.com/?a=B%2f",
                "https://crm.example.com:8443/A/../b%20c", "https://crm.example.com:8443/A/../b%20c");
        for (Map.Entry<String, String> url : urls.entrySet()) {
            Config config = read(
                    """
                    accounts:
                      - id: acme
                        webhooks: [{name: a, events: [a], delivery: {url: "%s"}}]
                    """
                            .formatted(url.getKey()));
            Target.Http target =
                    (Target.Http) config.webhooks().get(0).delivery().target();
            assertEquals(url.getValue(), target.url().toString());
        }
    }

    /** Semantics 10. */
    @Test
    void a_placeholders_value_is_not_replaced_again() throws ConfigFaults, IOException {
        environment.put("KEY", "{{env:OTHER}}-and-more");
        environment.put("OTHER", "never");
        Files.writeString(folder.resolve("key"), "a-key-from-a-file\n");
        Config config = read(
                """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: a, role: ingest, key: "{{env:KEY}}"}
                      - {name: b, role: read, key: "{{file:key}}"}
                      - {name: c, role: "{{a.role}}", key: "{{a.key}}"}
                """);
        assertEquals(
                "a", config.caller("{{env:OTHER}}-and-more").orElseThrow().key().name());
        assertEquals("b", config.caller("a-key-from-a-file").orElseThrow().key().name());
        assertEquals(
                ApiKey.Role.ADMIN,
                config.caller("the-property-a.key").orElseThrow().key().role());
    }

    @Test
    void a_placeholders_value_is_not_shown_in_faults() {
        environment.put("TIMEOUT", "hush-hush");
        ConfigFaults faults = assertThrows(ConfigFaults.class, () -> webhook(", timeout: \"{{env:TIMEOUT}}\"", ""));
        assertTrue(faults.getMessage().contains("{{env:TIMEOUT}}"), faults.getMessage());
        assertFalse(faults.getMessage().contains("hush"), faults.getMessage());
    }

    /** Semantics 24. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "name: \"crm\\n\", events: [call.ended], delivery: {url: 'https://a.example.com'}",
                "name: crm, events: [\"call.ended\\n\"], delivery: {url: 'https://a.example.com'}",
                "name: crm, events: [call.ended], delivery: {url: 'https://a.example.com', rateLimit: \"50/s\\n\"}"
            })
    void a_value_that_ends_in_a_line_break_is_refused(String webhook) {
        String file = "accounts: [{id: acme, webhooks: [{" + webhook + "}]}]";
        assertThrows(ConfigFaults.class, () -> ConfigReaders.lenient()
                .read(file.getBytes(StandardCharsets.UTF_8), name -> Optional.empty()));
    }

    @Test
    void a_renamed_webhook_has_its_former_name() throws ConfigFaults {
        ConfigParser.Good file = ConfigReaders.lenient()
                .read(
                        bytes(
                                """
                accounts:
                  - id: acme
                    webhooks:
                      - {name: new, was: old, events: ["*"], delivery: {url: "https://a.example.com/"}}
                """),
                        placeholders());
        assertEquals(List.of(new FileDefinition.FormerName("acme", "new", "old")), file.formerNames());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sso:anna@example.com",
                "SSO:anna",
                "sso:",
                "JMX",
                "jmx",
                "operator",
                "Operator",
                "portal:ps_1",
                "system",
                "System:retention"
            })
    void an_api_key_with_a_name_reserved_for_the_audit_log_is_refused(String name) {
        ConfigFaults faults = assertThrows(
                ConfigFaults.class,
                () -> read(
                        """
                accounts:
                  - id: acme
                    apiKeys:
                      - {name: "%s", role: admin, key: a-key-that-is-long-enough}
                      - {name: "JMX of sso: and system operator", role: read, key: another-that-is-long-enough}
                    signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
                """
                                .formatted(name)));
        assertEquals(
                List.of("line 4: API key '" + name + "': 'name' is '" + name + "', which cannot be used as a name (1 to"
                        + " 100 characters without '/', control characters, or a space at either end; not with 'wh_', 'oc_', 'cn_', 'key_' or"
                        + " 'sk_' in front, as the product's ids are; neither 'JMX', 'operator' nor 'system', nor with"
                        + " 'sso:', 'portal:' or 'system:' in front, which are others in the audit log)"),
                faults.faults().stream().map(Fault::toString).toList());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            a\\ud800b         | 'name' holds U+D800, which cannot be seen in a name (remove it)
            \\udbff           | 'name' holds U+DBFF, which cannot be seen in a name (remove it)
            a\\u202egnp.b     | 'name' holds U+202E, which cannot be seen in a name (remove it)
            a\\u2066b         | 'name' holds U+2066, which cannot be seen in a name (remove it)
            a\\u2028b         | 'name' holds U+2028, which cannot be seen in a name (remove it)
            cafe\\u0301       | 'name' is not in Unicode Normalization Form C (write it as caf\u00e9)
            \\u212bngstr\\u00f6m | 'name' is not in Unicode Normalization Form C (write it as \u00c5ngstr\u00f6m)
            """)
    void a_name_is_of_visible_characters_in_the_composed_form(String escaped, String fault) {
        ConfigFaults faults = assertThrows(
                ConfigFaults.class,
                () -> read(
                        """
                accounts:
                  - id: acme
                    apiKeys: [{name: "%1$s", role: admin, key: a-key-that-is-long-enough}]
                    oauthClients: [{name: "%1$s", clientId: a, clientSecret: b, authenticationEndpoint: "https://a.example.com"}]
                    connections: [{name: "%1$s", type: salesforce, loginUrl: "https://a.my.salesforce.com", clientId: a, clientSecret: b}]
                    webhooks: [{name: "%1$s", events: ["*"], delivery: {url: "https://a.example.com/"}}]
                """
                                .formatted(escaped)));
        List<String> texts = faults.faults().stream().map(Fault::toString).toList();
        assertEquals(4, texts.size(), texts.toString());
        texts.forEach(text -> assertTrue(text.endsWith(fault), text));
    }

    @Test
    void a_name_may_be_of_any_script_and_hold_an_emoji() throws ConfigFaults {
        for (String name : List.of(
                "\u0630\u0648\u0642",
                "caf\u00e9",
                "\ud83d\udc69\u200d\ud83d\udcbb",
                "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")) {
            Config config = read(
                    """
                    accounts:
                      - id: acme
                        signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
                        webhooks: [{name: "%s", events: ["*"], delivery: {url: "https://a.example.com/"}}]
                    """
                            .formatted(name));
            assertEquals(name, config.webhooks("acme").get(0).name());
        }
    }

    /** Semantics 11. */
    @Test
    void a_status_ends_a_delivery_one_way_and_410_429_and_3xx_never_count_as_success() {
        ConfigFaults both =
                assertThrows(ConfigFaults.class, () -> webhook(", succeedOn: [404, 409]", ", giveUpOn: [400, 409]"));
        assertTrue(
                both.getMessage()
                        .contains(
                                "'giveUpOn' has 409, and so has 'succeedOn' of the delivery (remove it from one of them)"),
                both.getMessage());
        for (String status : List.of("204", "302", "410", "429")) {
            ConfigFaults never = assertThrows(ConfigFaults.class, () -> webhook(", succeedOn: " + status, ""));
            assertTrue(
                    never.getMessage().contains("HTTP statuses from 400 to 599 other than 410 and 429"),
                    never.getMessage());
        }
    }

    @Test
    void a_name_with_an_id_prefix_is_refused() {
        ConfigFaults faults = assertThrows(
                ConfigFaults.class,
                () -> read(
                        """
                accounts:
                  - id: wh_accounts_have_no_names
                    apiKeys: [{name: key_1, role: admin, key: a-key-that-is-long-enough}]
                    signingKeys: [{id: sk_1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
                    oauthClients: [{name: oc_1, clientId: a, clientSecret: b, authenticationEndpoint: "https://a.example.com"}]
                    connections: [{name: cn_1, type: salesforce, loginUrl: "https://a.my.salesforce.com", clientId: a, clientSecret: b}]
                    webhooks: [{name: wh_1, events: ["*"], delivery: {url: "https://a.example.com/"}}]
                """));
        List<String> texts = faults.faults().stream().map(Fault::toString).toList();
        assertEquals(5, texts.size(), texts.toString());
        texts.forEach(text -> assertTrue(
                text.contains("cannot be used as a name")
                        && text.contains("not with 'wh_', 'oc_', 'cn_', 'key_' or 'sk_' in front"),
                text));
    }

    @Test
    void probable_mistakes_are_warnings() throws ConfigFaults {
        List<Fault> warnings = reader().read(
                        bytes(
                                """
                        accounts:
                          - id: acme
                            apiKeys: [{name: a, role: read, key: short}]
                            webhooks: []
                        """),
                        placeholders())
                .warnings();
        assertEquals(
                List.of(
                        "line 3: API key 'a': 'key' is shorter than 16 characters (take a long random one)",
                        "line 2: account 'acme': has no signing keys, so webhooks without keys of their own send unsigned (add 'signingKeys')"),
                warnings.stream().map(Fault::toString).toList());
    }

    @Test
    void a_login_by_user_and_password_that_is_switched_on_is_warned_about_with_its_end_date() throws ConfigFaults {
        ConfigParser.Good good = reader().read(
                        bytes(
                                """
                        accounts:
                          - id: acme
                            signingKeys: [{id: k1, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]
                            connections:
                              - name: sales
                                type: salesforce
                                loginUrl: https://acme.my.salesforce.com
                                login: password
                                allowPasswordLogin: true
                                clientId: a
                                clientSecret: b
                                user: u
                                password: p
                        """),
                        placeholders());
        assertEquals(
                List.of(
                        "line 8: connection 'sales': login 'password' is used: Salesforce refuses user and password from"
                                + " 2027-02-20 on, without exception (change to login: client-credentials or jwt-bearer before)"),
                good.warnings().stream().map(Fault::toString).toList());
    }

    @Test
    void a_schema_has_ten_fields_of_a_type_and_no_more() throws ConfigFaults {
        assertEquals(
                10,
                read(schema(10))
                        .contentsquareConnections("acme")
                        .get(0)
                        .schema()
                        .size());
        ConfigFaults faults = assertThrows(ConfigFaults.class, () -> read(schema(11)));
        assertTrue(faults.toString().contains("Contentsquare takes at most 10 of each type"), faults.toString());
    }

    private static String schema(int fields) {
        StringBuilder text = new StringBuilder(
                """
                accounts:
                  - id: acme
                    connections:
                      - name: insights
                        type: contentsquare
                        clientId: a
                        clientSecret: b
                        schema:
                """);
        for (int n = 0; n < fields; n++) {
            text.append("          - {name: f").append(n).append(", type: INT}\n");
        }
        return text.toString();
    }

    @Test
    void yaml_anchors_work() throws ConfigFaults {
        Config config = read(
                """
                accounts:
                  - id: acme
                    webhooks:
                      - {name: one, events: &calls [call.ended, call.missed], delivery: &there {url: "https://a.example.com/"}}
                      - {name: two, events: *calls, delivery: *there}
                """);
        assertEquals(2, config.matching("acme", "call.missed").size());
    }

    @Test
    void an_empty_list_of_accounts_configures_nothing() throws ConfigFaults {
        assertEquals(Map.of(), read("accounts: []").accounts());
    }

    @Test
    void a_byte_order_mark_does_not_matter() throws ConfigFaults {
        assertEquals(Map.of(), read("\uFEFFaccounts: []").accounts());
    }

    @Test
    void ten_thousand_webhooks_are_read_and_found() throws ConfigFaults {
        assertReadAndFound(10_000);
    }

    @Test
    @Tag("slow")
    void a_hundred_thousand_webhooks_are_read_and_found() throws ConfigFaults {
        assertReadAndFound(100_000);
    }

    private void assertReadAndFound(int webhooks) throws ConfigFaults {
        StringBuilder file = new StringBuilder("accounts:\n  - id: acme\n    webhooks:\n");
        for (int i = 0; i < webhooks; i++) {
            file.append("      - name: webhook-").append(i).append('\n');
            file.append("        events: [type-").append(i % 1000).append(".ended]\n");
            file.append("        delivery: {url: \"https://host-").append(i).append(".example.com/hooks\"}\n");
        }
        Config config = read(file.toString());
        assertEquals(webhooks, config.webhooks("acme").size());
        List<Webhook> found = config.matching("acme", "type-999.ended");
        assertEquals(webhooks / 1000, found.size());
        assertEquals("webhook-999", found.get(0).name());
        assertEquals(
                found.get(0), config.webhook(Ids.webhook("acme", "webhook-999")).orElseThrow());
    }

    private String authorization(String keys) throws ConfigFaults {
        Authentication authentication = webhook(", authentication: {type: header, " + keys + "}", "")
                .delivery()
                .authentication();
        return assertInstanceOf(Authentication.Header.class, authentication)
                .value()
                .reveal();
    }

    private Webhook webhook(String inDelivery, String inWebhook) throws ConfigFaults {
        String webhook = String.format(WEBHOOK, inDelivery, inWebhook);
        return read("accounts: [{id: acme, webhooks: [" + webhook + "]}]")
                .webhooks()
                .get(0);
    }

    private Config read(String file) throws ConfigFaults {
        return reader().read(bytes(file), placeholders()).config();
    }

    private static byte[] bytes(String file) {
        return file.getBytes(StandardCharsets.UTF_8);
    }

    private static ConfigParser reader() {
        return ConfigReaders.lenient();
    }

    private Placeholders placeholders() {
        Map<String, String> properties = Map.of("a.role", "admin", "a.key", "the-property-a.key");
        return Placeholders.of(
                name -> Optional.ofNullable(environment.get(name)),
                folder,
                name -> Optional.ofNullable(properties.get(name)));
    }
}
