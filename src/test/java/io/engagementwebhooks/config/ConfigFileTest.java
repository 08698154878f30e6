package io.engagementwebhooks.config;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.api.definition.DefinitionChanges;
import io.engagementwebhooks.api.definition.FileApplication;
import io.engagementwebhooks.api.definition.StoredDefinitions;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.definition.DefinitionRow;
import io.engagementwebhooks.store.definition.DefinitionStore;
import io.engagementwebhooks.store.definition.ManagedBy;
import io.engagementwebhooks.store.outcome.WebhookState;
import io.engagementwebhooks.store.sqlite.SqliteStore;
import io.engagementwebhooks.testkit.Certificates;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.testkit.SettableClock;
import io.engagementwebhooks.testkit.TestKeys;
import io.engagementwebhooks.testkit.Vaults;
import io.engagementwebhooks.webhook.Config;
import io.engagementwebhooks.webhook.ContentsquareConnection;
import io.engagementwebhooks.webhook.DeliveryMethod;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.SalesforceConnection;
import io.engagementwebhooks.webhook.SigningKey;
import io.engagementwebhooks.webhook.Target;
import io.engagementwebhooks.webhook.Webhook;
import io.engagementwebhooks.webhook.WebhookId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Semantics 22 to 24. */
class ConfigFileTest {

    private static final String BROKEN = "accounts: [{id: acme, colour: red}]";

    private final Map<String, String> environment = new HashMap<>();
    private final List<Config> reported = new CopyOnWriteArrayList<>();
    private static final String EVERY_CREDENTIAL =
            """
            accounts:
              - id: acme
                signingKeys:
                  - {id: k1, secret: "{{env:SIGNING}}", from: 2020-01-01, until: 2099-01-01}
                oauthClients:
                  - {name: jwt, clientId: a, authenticationEndpoint: "https://auth.example.com", keyId: k, algorithm: PS256,
                     authorizationMethod: private_key_jwt, privateKey: "{{file:jwt.key}}", assertionAudience: them,
                     audience: api, resource: "urn:x", parameters: {tenant: "{{env:SECRET}}"}}
                  - {name: bound, clientId: a, authenticationEndpoint: "https://auth.example.com",
                     authorizationMethod: tls_client_auth, certificateBoundTokens: true,
                     tls: {certificate: "{{file:client.pem}}", key: "{{file:client.key}}"}}
                connections:
                  - {name: jwt-org, type: salesforce, loginUrl: "https://acme.my.salesforce.com", clientId: c,
                     login: jwt-bearer, privateKey: "{{file:jwt.key}}", user: calls@acme.example}
                  - {name: refreshed, type: salesforce, loginUrl: "https://acme.my.salesforce.com", clientId: c,
                     login: refresh-token, refreshToken: "{{env:SECRET}}"}
                  - {name: insights, type: contentsquare, clientId: c, clientSecret: "{{env:SECRET}}",
                     schema: [{name: ms, type: INT, from: "{duration}", convert: seconds-to-milliseconds}]}
                webhooks:
                  - {name: a, events: [a], delivery: {url: "https://a.example.com", signature: both,
                     authentication: {type: api-key, header: X-Api-Key, value: "{{env:SECRET}}"},
                     tls: {pkcs12: "{{file:client.p12}}", password: "{{env:P12_PASSWORD}}"}}}
                  - {name: b, events: [a], delivery: {url: "https://b.example.com",
                     authentication: {type: custom, destination: hubspot, client: bound}}}
                  - {name: c, events: [a], delivery: {url: "https://c.example.com", authentication: {type: oauth2, client: jwt}}}
                  - {name: d, events: [a], delivery: {authentication: {type: salesforce, connection: jwt-org}}}
                  - {name: e, events: [a], delivery: {authentication: {type: contentsquare, connection: insights},
                     contentsquare: {path: /v1/calls}, body: "1"}}
            """;

    private final List<Consumer<Config>> listeners = new ArrayList<>(List.of(reported::add));
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-24T10:00:00Z"));
    private ConfigFile configFile;
    private Store store;
    private DefinitionChanges changes;
    private StoredDefinitions definitions;

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("webhooks.yaml");
        store = SqliteStore.open(folder.resolve("webhooks.db"), clock);
    }

    @AfterEach
    void stop() {
        if (configFile != null) {
            configFile.close();
        }
        store.close();
    }

    @Test
    void a_valid_file_is_active_at_start() throws Exception {
        write(file, accounts("acme"));
        assertEquals(Set.of("acme"), start().accounts().keySet());
        assertEquals(1, reported.size());
        assertTrue(configFile.status().isUpToDate());
    }

    @Test
    void a_missing_configured_file_stops_the_start() {
        ConfigFaults faults = assertThrows(ConfigFaults.class, this::start);
        assertTrue(faults.getMessage().contains("webhooks.yaml: does not exist"), faults.getMessage());
    }

    @Test
    void without_a_file_nothing_is_configured_until_it_exists() throws Exception {
        assertEquals(Set.of(), start(false).accounts().keySet());
        assertEquals(ConfigStatus.State.NONE, configFile.status().state());
        write(file, accounts("acme"));
        lookTwice();
        assertEquals(Set.of("acme"), current().accounts().keySet());
    }

    @Test
    void a_first_start_with_an_invalid_file_fails_with_all_faults() throws IOException {
        write(file, "accounts: [{id: acme, colour: red}, {name: other}]");
        ConfigFaults faults = assertThrows(ConfigFaults.class, this::start);
        assertEquals(3, faults.faults().size(), faults.getMessage());
    }

    @Test
    void a_valid_save_is_activated_after_two_equal_polls() throws Exception {
        write(file, accounts("acme"));
        start();
        write(file, accounts("acme", "other"));
        configFile.poll();
        assertEquals(1, reported.size(), "a save may be in flight");
        configFile.poll();
        assertEquals(Set.of("acme", "other"), current().accounts().keySet());
        assertEquals(2, reported.size());
    }

    @Test
    void a_file_that_grows_between_polls_is_not_parsed_before_it_is_complete() throws Exception {
        write(file, accounts("acme", "other"));
        start();
        write(file, accounts("acme"));
        configFile.poll();
        write(file, accounts("acme", "other", "third"));
        configFile.poll();
        assertEquals(1, reported.size());
        configFile.poll();
        assertEquals(Set.of("acme", "other", "third"), current().accounts().keySet());
    }

    @Test
    void the_same_content_again_is_no_change() throws Exception {
        write(file, accounts("acme"));
        start();
        write(file, accounts("acme"));
        lookTwice();
        assertEquals(1, reported.size());
    }

    @Test
    void an_invalid_save_keeps_the_active_configuration_and_is_reported_until_fixed() throws Exception {
        write(file, accounts("acme"));
        start();
        clock.pass(Duration.ofSeconds(60));
        write(file, BROKEN);
        lookTwice();
        assertEquals(Set.of("acme"), current().accounts().keySet());
        ConfigStatus status = configFile.status();
        assertEquals(ConfigStatus.State.BROKEN, status.state());
        assertEquals(clock.instant(), status.since());
        assertEquals(clock.instant().minusSeconds(60), status.runsSince());
        assertEquals(
                "line 1: account 'acme': unknown key 'colour' (known here: apiKeys, connections, eventTypes, id, oauthClients,"
                        + " signingKeys, webhooks)",
                status.faults().get(0).toString());
        write(file, accounts("repaired"));
        lookTwice();
        assertTrue(configFile.status().isUpToDate());
        assertEquals(Set.of("repaired"), current().accounts().keySet());
    }

    @Test
    void an_invalid_file_is_reported_since_its_first_invalid_save() throws Exception {
        write(file, accounts("acme"));
        start();
        write(file, BROKEN);
        lookTwice();
        Instant first = configFile.status().since();
        clock.pass(Duration.ofSeconds(60));
        write(file, "accounts: [");
        lookTwice();
        assertEquals(first, configFile.status().since());
    }

    @Test
    void an_emptied_file_keeps_the_active_configuration() throws Exception {
        write(file, accounts("acme"));
        start();
        write(file, "");
        lookTwice();
        assertEquals(Set.of("acme"), current().accounts().keySet());
        assertEquals(ConfigStatus.State.BROKEN, configFile.status().state());
    }

    @Test
    void a_removed_file_keeps_the_active_configuration_and_is_reported() throws Exception {
        write(file, accounts("acme"));
        start();
        Files.delete(file);
        lookTwice();
        assertEquals(Set.of("acme"), current().accounts().keySet());
        assertEquals(ConfigStatus.State.GONE, configFile.status().state());
        write(file, accounts("acme"));
        lookTwice();
        assertTrue(configFile.status().isUpToDate());
    }

    @Test
    void a_save_by_rename_is_detected() throws Exception {
        write(file, accounts("acme"));
        start();
        Path fresh = folder.resolve("webhooks.yaml~");
        write(fresh, accounts("renamed"));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        lookTwice();
        assertEquals(Set.of("renamed"), current().accounts().keySet());
    }

    @Test
    void a_link_switched_as_by_kubernetes_is_detected() throws Exception {
        write(Files.createDirectory(folder.resolve("v1")).resolve("webhooks.yaml"), accounts("first"));
        write(Files.createDirectory(folder.resolve("v2")).resolve("webhooks.yaml"), accounts("second"));
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("v1"));
        Files.createSymbolicLink(file, Path.of("..data/webhooks.yaml"));
        start();
        Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("v2"));
        Files.move(folder.resolve("..data_tmp"), folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
        lookTwice();
        assertEquals(Set.of("second"), current().accounts().keySet());
    }

    @Test
    void a_change_of_a_secret_file_is_detected() throws Exception {
        write(folder.resolve("key"), "the-first-key-of-all\n");
        write(file, accountWithKey("{{file:key}}"));
        start();
        write(folder.resolve("key"), "the-second-key-of-all\n");
        lookTwice();
        assertTrue(current().caller("the-second-key-of-all").isPresent());
        assertFalse(current().caller("the-first-key-of-all").isPresent());
    }

    @Test
    void a_restart_with_an_invalid_file_uses_the_last_valid_configuration() throws Exception {
        write(file, accounts("acme"));
        start();
        Instant read = clock.instant();
        write(file, BROKEN);
        clock.pass(Duration.ofSeconds(3600));
        assertEquals(Set.of("acme"), start().accounts().keySet());
        assertEquals(ConfigStatus.State.BROKEN, configFile.status().state());
        assertEquals(read, configFile.status().runsSince());
        assertEquals(1, configFile.status().faults().size());
        lookTwice();
        assertEquals(Set.of("acme"), current().accounts().keySet());
        write(file, accounts("repaired"));
        lookTwice();
        assertEquals(Set.of("repaired"), current().accounts().keySet());
    }

    @Test
    void a_restart_without_a_variable_uses_its_last_value() throws Exception {
        environment.put("KEY", "the-key-of-the-account");
        write(file, accountWithKey("{{env:KEY}}"));
        start();
        environment.clear();
        start();
        assertTrue(current().caller("the-key-of-the-account").isPresent());
        assertTrue(configFile.status().faults().get(0).rule().contains("'KEY' is not set"));
    }

    @Test
    void a_restart_with_an_invalid_file_keeps_every_credential() throws Exception {
        Certificates.Issued own = new Certificates().client("acme", 30);
        write(folder.resolve("client.pem"), own.certificatePem());
        write(folder.resolve("client.key"), own.keyPem());
        Files.write(folder.resolve("client.p12"), own.pkcs12("hush"));
        write(folder.resolve("jwt.key"), TestKeys.pem(TestKeys.rsa(2048).getPrivate()));
        environment.put("P12_PASSWORD", "hush");
        environment.put("SECRET", "a-secret-of-an-account");
        environment.put("SIGNING", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        write(file, EVERY_CREDENTIAL);
        Config before = start();
        for (String gone : List.of("client.pem", "client.key", "client.p12", "jwt.key")) {
            Files.delete(folder.resolve(gone));
        }
        environment.clear();
        write(file, BROKEN);
        Config after = start();
        assertEquals(before.resources().of(OAuthClient.class), after.resources().of(OAuthClient.class));
        assertEquals(
                before.resources().of(SalesforceConnection.class),
                after.resources().of(SalesforceConnection.class));
        assertEquals(
                before.resources()
                        .of(ContentsquareConnection.class)
                        .get(0)
                        .schema()
                        .get(0)
                        .conversion(),
                after.resources()
                        .of(ContentsquareConnection.class)
                        .get(0)
                        .schema()
                        .get(0)
                        .conversion());
        assertEquals(5, after.webhooks().size());
        for (int i = 0; i < 5; i++) {
            DeliveryMethod was = before.webhooks().get(i).delivery();
            DeliveryMethod is = after.webhooks().get(i).delivery();
            assertEquals(was.target().signing(), is.target().signing());
            if (was.target() instanceof Target.Http http) {
                assertEquals(was.authentication(), is.authentication());
                assertEquals(http.tls(), ((Target.Http) is.target()).tls());
            }
        }
    }

    @Test
    void a_restart_with_an_invalid_file_does_not_check_urls_again() throws Exception {
        write(
                file,
                "accounts: [{id: acme, webhooks: [{name: a, events: ['*'], delivery: {url: 'http://a.example.com'}}]}]");
        start(true, ConfigReaders.lenient());
        ConfigParser stricter = ConfigReaders.by(url -> Optional.of("plain http"));
        assertEquals(1, start(true, stricter).webhooks().size());
        assertFalse(configFile.status().isUpToDate());
    }

    @Test
    void the_stored_configuration_is_encrypted() throws Exception {
        environment.put("KEY", "the-key-of-the-account");
        write(file, accountWithKey("{{env:KEY}}"));
        start();
        for (DefinitionStore.Changed each : store.definitions().since(0).changes()) {
            String stored = new String(each.row().orElseThrow().sealed(), StandardCharsets.ISO_8859_1);
            assertFalse(stored.contains("the-key") || stored.contains("role"));
        }
        String files = new String(
                store.settings().setting(StoredDefinitions.FILES).orElseThrow(), StandardCharsets.ISO_8859_1);
        assertFalse(files.contains("acme"));
    }

    @Test
    void a_default_file_missing_at_a_restart_keeps_the_last_valid_configuration() throws Exception {
        write(file, accounts("acme"));
        start(false);
        Files.delete(file);
        assertEquals(Set.of("acme"), start(false).accounts().keySet());
        assertEquals(ConfigStatus.State.GONE, configFile.status().state());
    }

    @Test
    void a_configuration_rejected_by_a_listener_is_retried() throws Exception {
        write(file, accounts("acme"));
        start();
        List<Config> seen = new ArrayList<>();
        listeners.add(config -> {
            seen.add(config);
            if (seen.size() == 1) {
                throw new IllegalStateException("the store is away");
            }
        });
        write(file, accounts("other"));
        lookTwice();
        assertEquals(1, seen.size());
        assertFalse(configFile.status().isUpToDate());
        lookTwice();
        assertEquals(2, seen.size());
        assertEquals(Set.of("other"), seen.get(1).accounts().keySet());
        assertTrue(configFile.status().isUpToDate());
    }

    @Test
    void a_configuration_that_is_rejected_again_is_logged_once_for_each_reason() throws Exception {
        write(file, accounts("acme"));
        start();
        List<RuntimeException> reasons = new ArrayList<>(List.of(
                new IllegalStateException("the store is away"),
                new IllegalStateException("the store is away"),
                new IllegalStateException("the store is away"),
                new UnsupportedOperationException("a listener fails")));
        listeners.add(config -> {
            if (!reasons.isEmpty()) {
                throw reasons.remove(0);
            }
        });
        write(file, accounts("other"));
        try (LogLines log = new LogLines(ConfigFile.class)) {
            for (int i = 0; i < 3; i++) {
                lookTwice();
            }
            assertEquals(1, lines(log, "config.not-activated"), log.texts().toString());
            lookTwice();
            assertEquals(2, lines(log, "config.not-activated"), log.texts().toString());
            lookTwice();
            assertEquals(2, lines(log, "config.not-activated"), log.texts().toString());
        }
        assertTrue(configFile.status().isUpToDate());
    }

    private static long lines(LogLines log, String event) {
        return log.texts().stream().filter(line -> line.startsWith(event)).count();
    }

    @Test
    void the_file_is_polled_on_a_separate_thread() throws Exception {
        write(file, accounts("acme"));
        start();
        configFile.follow(Duration.ofMillis(10));
        write(file, accounts("other"));
        await().until(() -> current().account("other").isPresent());
    }

    private void start(String instance, String accounts, boolean isForced) throws Exception {
        write(file, accounts);
        start(true, ConfigReaders.lenient(), instance, isForced);
    }

    /** Semantics 24. */
    @Test
    void a_restart_with_an_older_file_rolls_nothing_back_and_the_option_apply_does() throws Exception {
        start("one", accounts("acme"), false);
        start("two", accounts("acme", "other"), false);
        start("one", accounts("acme"), false);
        assertEquals(ConfigStatus.State.OTHER, configFile.status().state());
        assertEquals(Set.of("acme", "other"), current().accounts().keySet());
        start("a-pod-with-a-new-name", accounts("acme"), false);
        assertEquals(ConfigStatus.State.OTHER, configFile.status().state());
        start("one", accounts("acme"), true);
        assertTrue(configFile.status().isUpToDate());
        assertEquals(Set.of("acme"), current().accounts().keySet());
    }

    /** Semantics 24. */
    @Test
    void a_restart_with_a_file_that_differs_from_what_the_instance_had_applies_it() throws Exception {
        start("one", accounts("acme"), false);
        start("one", accounts("acme", "other"), false);
        start("one", accounts("acme"), false);
        assertTrue(configFile.status().isUpToDate());
        assertEquals(Set.of("acme"), current().accounts().keySet());
    }

    /** Semantics 24. */
    @Test
    void a_start_with_an_unchanged_file_writes_nothing() throws Exception {
        environment.put("KEY", "the-key-of-the-account");
        write(file, accountWithKey("{{env:KEY}}"));
        start();
        long revision = store.definitions().since(0).revision();
        assertEquals(Set.of("acme"), start().accounts().keySet());
        assertEquals(revision, store.definitions().since(0).revision());
    }

    private static String webhooks(String... names) {
        return "accounts: [{id: acme, webhooks: ["
                + Stream.of(names)
                        .map(name -> "{name: " + name + ", events: ['*'], delivery: {url: 'https://a.example.com'}}")
                        .collect(Collectors.joining(", "))
                + "]}]";
    }

    private Set<String> names() {
        return current().webhooks().stream().map(Webhook::name).collect(Collectors.toSet());
    }

    /** Semantics 24: "a name that both have is a fault of that definition alone, the rest is applied". */
    @Test
    void a_name_that_the_api_has_is_a_fault_of_that_definition_alone_until_the_api_gives_it_up() throws Exception {
        start("one", webhooks("mine"), false);
        DefinitionStore.Changed mine = store.definitions().since(0).changes().get(0);
        DefinitionRow row = mine.row().orElseThrow();
        DefinitionRow ofApi = new DefinitionRow(
                row.id(),
                row.name(),
                ManagedBy.API,
                "1",
                Vaults.open(folder.resolve("store.key"))
                        .seal("{\"events\": [\"*\"], \"delivery\": {\"url\": \"https://b.example.com\"}}"
                                .getBytes(StandardCharsets.UTF_8)),
                clock.instant());
        write(file, webhooks());
        lookTwice();
        assertTrue(store.definitions()
                .change(List.of(DefinitionStore.Change.create(ofApi)), List.of())
                .toCompletableFuture()
                .join());

        write(file, webhooks("mine", "other"));
        lookTwice();
        assertEquals(ConfigStatus.State.PARTLY, configFile.status().state());
        assertEquals(1, configFile.status().faults().size());
        assertTrue(configFile.status().faults().get(0).toString().contains("webhook 'mine' of account 'acme'"));
        assertEquals(Set.of("mine", "other"), names());
        assertEquals(
                "https://b.example.com/",
                ((Target.Http) current()
                                .webhook("acme", "mine")
                                .orElseThrow()
                                .delivery()
                                .target())
                        .url()
                        .toString());

        assertTrue(store.definitions()
                .change(List.of(DefinitionStore.Change.remove(row.name(), "1")), List.of())
                .toCompletableFuture()
                .join());
        changes.follow();
        assertEquals(Set.of("other"), names());
        configFile.poll();
        assertTrue(configFile.status().isUpToDate());
        assertEquals(Set.of("mine", "other"), names());
    }

    private WebhookId id(String account, String name) {
        return current().webhook(account, name).orElseThrow().id();
    }

    private static String webhooksOf(String account, String webhooks) {
        return "{id: " + account + ", webhooks: [" + webhooks + "]}";
    }

    private static String webhook(String name) {
        return "{name: " + name + ", events: ['*'], delivery: {url: 'https://a.example.com'}}";
    }

    private Optional<String> reason(WebhookId webhook) {
        return store.outcomes().webhookState(webhook).map(WebhookState::reason);
    }

    /** Semantics 24. */
    @Test
    void a_removal_and_a_new_name_concern_the_webhook_of_their_account_alone() throws Exception {
        String both = webhook("calls") + ", " + webhook("old");
        start("one", "accounts: [" + webhooksOf("a", both) + ", " + webhooksOf("b", both) + "]", false);
        WebhookId removed = id("a", "calls");
        WebhookId renamed = id("a", "old");
        List<WebhookId> others = List.of(id("b", "calls"), id("b", "old"));
        String next = webhook("new").replace("name: new", "name: new, was: old");
        start("one", "accounts: [" + webhooksOf("a", next) + ", " + webhooksOf("b", both) + "]", false);
        assertEquals(renamed.id(), id("a", "new").id());
        assertEquals(Optional.of(FileApplication.REMOVED), reason(removed));
        assertEquals(others, List.of(id("b", "calls"), id("b", "old")));
        others.forEach(other -> assertEquals(Optional.empty(), reason(other)));
    }

    /** Semantics 24. As after the end of an instance that had read the file before another one removed the webhook. */
    @Test
    void a_webhook_that_is_in_the_file_does_not_stay_paused_as_removed() throws Exception {
        start("one", webhooks("calls"), false);
        store.outcomes()
                .setState(id("acme", "calls"), WebhookState.State.PAUSED, FileApplication.REMOVED, clock.instant())
                .toCompletableFuture()
                .join();
        start("one", webhooks("calls", "others"), false);
        assertEquals(Optional.empty(), reason(id("acme", "calls")));
    }

    /** In steps of 500 changes. */
    @Test
    void a_file_with_many_webhooks_is_applied_whole() throws Exception {
        String[] names = IntStream.range(0, 1201).mapToObj(i -> "w" + i).toArray(String[]::new);
        start("one", webhooks(names), false);
        assertEquals(Set.of(names), names());
        start("two", webhooks("w0"), false);
        assertEquals(Set.of("w0"), names());
    }

    /** The order of the file is the order of signatures. */
    @Test
    void signing_keys_sign_in_the_order_of_the_file() throws Exception {
        String keys =
                "[{id: b, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}, {id: a, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}]";
        String file = "accounts: [{id: acme, signingKeys: " + keys
                + ", webhooks: [{name: w, events: ['*'], delivery: {url: 'https://a.example.com'}}]}]";
        start("one", file, false);
        start("two", file, false);
        assertEquals(
                List.of("b", "a"),
                current().webhooks().get(0).delivery().target().signing().keys().stream()
                        .map(SigningKey::id)
                        .toList());
    }

    private void lookTwice() {
        configFile.poll();
        configFile.poll();
    }

    private Config start() throws ConfigFaults {
        return start(true);
    }

    private Config start(boolean named) throws ConfigFaults {
        return start(named, ConfigReaders.lenient());
    }

    private Config start(boolean named, ConfigParser reader) throws ConfigFaults {
        return start(named, reader, "one", false);
    }

    /** Starts an instance of this name on the same store. */
    private Config start(boolean named, ConfigParser reader, String instance, boolean isForced) throws ConfigFaults {
        Placeholders placeholders =
                Placeholders.of(name -> Optional.ofNullable(environment.get(name)), folder, name -> Optional.empty());
        Vault vault = Vaults.open(folder.resolve("store.key"));
        StoredDefinitions definitions =
                new StoredDefinitions(new DefinitionReader(url -> Optional.empty(), Duration.ofDays(7), clock), vault);
        changes = new DefinitionChanges(
                store, definitions, () -> listeners.forEach(listener -> listener.accept(definitions.config())));
        FileApplication target = new FileApplication(
                changes,
                store,
                (webhook, state, reason) -> store.outcomes().setState(webhook, state, reason, clock.instant()),
                vault,
                instance,
                clock);
        configFile = new ConfigFile(new ConfigFile.Source(file, named, placeholders), reader, target, isForced, clock);
        reported.clear();
        configFile.start();
        changes.follow();
        return current();
    }

    private Config current() {
        return reported.get(reported.size() - 1);
    }

    private static String accounts(String... ids) {
        StringBuilder file = new StringBuilder("accounts:\n");
        for (String id : ids) {
            file.append("  - id: ").append(id).append('\n');
        }
        return file.toString();
    }

    private static String accountWithKey(String key) {
        return "accounts: [{id: acme, apiKeys: [{name: a, role: admin, key: \"" + key + "\"}]}]";
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }
}
