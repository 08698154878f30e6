package io.engagementwebhooks.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Budget;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.JavaCommand;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of the jar on the command line, and what it says. */
@Timeout(300)
class CommandLineTest {

    private static final String REST =
            """
            - rest:
                path: /partner
                get:
                  - path: /calls
                    routeId: list-calls
                    to: direct:from-lists
            """;

    private static final Pattern READY = Pattern.compile("ready version=\\S+ ingest=http://\\S+:(\\d+)/v1/events");
    private static final String GOOD_CONFIG =
            """
            accounts:
              - id: acme
                apiKeys: [{name: staff, role: admin, key: a-key-of-acme-for-all}]
                webhooks:
                  - {name: all, events: ["*"], delivery: {url: "https://crm.example.com/in", authentication: {type: none}}}
            """;

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endProcesses() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    private int run(String... arguments) {
        return CommandLine.in(folder, new PrintStream(out, true), new PrintStream(err, true), arguments);
    }

    /**
     * Runs the product in this process until the test has seen what it looks for.
     *
     * @return the exit code
     */
    private int run(CommandLine.Running seen, String... arguments) {
        Budget.PRODUCTS.use();
        return CommandLine.in(
                folder,
                new PrintStream(out, true),
                new PrintStream(err, true),
                product -> {
                    product.start();
                    try {
                        seen.run(product);
                    } finally {
                        product.stop();
                    }
                },
                arguments);
    }

    /** Settings of a product that runs in this process, on a store in the folder. */
    private void runningSettings(String... more) {
        int management = FreePort.any();
        settings(
                """
                webhooks.store.url=jdbc:sqlite:%s
                camel.server.host=127.0.0.1
                camel.server.port=0
                camel.management.port=%d
                camel.main.name=command-line-%d
                """
                                .formatted(folder.resolve("data/webhooks.db"), management, management)
                        + String.join("\n", more));
    }

    private static final CommandLine.Running NOTHING = product -> {
        throw new AssertionError("it runs");
    };

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String complained() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void help_names_every_option() {
        assertEquals(0, run("--help"));
        for (String option : List.of(
                "--routes DIR",
                "--check",
                "--backup FILE",
                "--copy-to URL",
                "--rekey",
                "--forget-sealed",
                "--print-defaults DIR",
                "--new-signing-key v1|v1a",
                "--version",
                "--help")) {
            assertTrue(said().contains(option), option);
        }
        assertEquals("", complained());
    }

    @Test
    void version_is_that_of_the_build_its_tables_and_its_camel() throws IOException {
        assertEquals(0, run("--version"));
        String pom = Files.readString(Path.of("pom.xml"));
        Matcher lines = Pattern.compile("engagement-webhooks (\\S+)\ncommit \\S+\nschema (\\d+)\ncamel (\\S+)\n")
                .matcher(said());
        assertTrue(lines.matches(), said());
        assertTrue(pom.contains(
                "<artifactId>engagement-webhooks</artifactId>\n  <version>" + lines.group(1) + "</version>"));
        assertTrue(pom.contains("<camel.version>" + lines.group(3) + "</camel.version>"));
        for (String database : List.of("sqlite", "postgres")) {
            try (Stream<Path> scripts = Files.list(Path.of("src/main/resources/db", database))) {
                assertEquals(lines.group(2), "" + scripts.count(), database);
            }
        }
    }

    @Test
    void an_unknown_option_is_reported_with_a_hint_at_help() {
        assertEquals(2, run("--chekc"));
        assertEquals("there is no option --chekc; see --help\n", complained());
    }

    @Test
    void an_option_without_its_folder_is_reported() {
        assertEquals(2, run("--check", "--routes"));
        assertEquals("--routes needs a folder; see --help\n", complained());
    }

    @Test
    void a_new_signing_key_is_printed_in_the_format_of_the_configuration_file() throws IOException {
        assertEquals(0, run("--new-signing-key", "v1"), this::complained);
        assertEquals(0, run("--new-signing-key", "v1a"), this::complained);
        List<String> printed = said().lines().toList();
        assertTrue(printed.get(0).matches("secret: whsec_[A-Za-z0-9+/]{43}="), printed.get(0));
        assertTrue(printed.get(1).matches("privateKey: whsk_[A-Za-z0-9+/]{86}=="), printed.get(1));
        assertTrue(printed.get(2).matches("# .*whpk_[A-Za-z0-9+/]{43}="), printed.get(2));
        assertEquals(3, printed.size());
        write(
                "webhooks.yaml",
                GOOD_CONFIG
                        + "    signingKeys:\n"
                        + "      - id: k2\n        " + printed.get(0) + "\n"
                        + "      - id: k1\n        " + printed.get(1) + "\n        " + printed.get(2) + "\n");
        settings("");
        assertEquals(0, run("--check"), this::complained);
    }

    @Test
    void two_new_signing_keys_differ() {
        run("--new-signing-key", "v1");
        run("--new-signing-key", "v1");
        assertEquals(2, said().lines().distinct().count());
    }

    @Test
    void a_new_signing_key_of_no_scheme_is_reported() {
        assertEquals(2, run("--new-signing-key"));
        assertEquals(2, run("--new-signing-key", "v2"));
        assertEquals(
                "--new-signing-key needs v1 (a shared secret) or v1a (a key pair); see --help\n".repeat(2),
                complained());
        assertEquals("", said());
    }

    @Test
    void an_empty_folder_is_fine() {
        settings("webhooks.store.url=jdbc:sqlite:" + folder.resolve("data/webhooks.db"));
        assertEquals(0, run("--check"), this::complained);
        assertEquals("settings, routes, configuration and store are fine\n", said());
    }

    @Test
    void a_valid_configuration_passes_the_check_which_opens_nothing() throws IOException {
        write("webhooks.yaml", GOOD_CONFIG);
        settings("webhooks.egress.allow=127.0.0.0/8");
        assertEquals(0, run("--check"), this::complained);
        assertFalse(Files.exists(folder.resolve("data")), "no store was made");
    }

    /** Whether an inbox exists, only the store knows. */
    @Test
    void the_check_allows_what_has_the_form_of_a_test_inbox_at_the_configured_address_only() {
        String site = "http://10.1.2.3:8080";
        String id = "a".repeat(48);
        write("webhooks.yaml", GOOD_CONFIG.replace("https://crm.example.com/in", site + "/inbox/" + id));
        settings("webhooks.inbox.url=" + site);
        assertEquals(0, run("--check"), this::complained);
        for (String other : List.of(site + "/v1/events", "http://10.1.2.3:8081/inbox/" + id)) {
            write("webhooks.yaml", GOOD_CONFIG.replace("https://crm.example.com/in", other));
            assertEquals(1, run("--check"), other);
        }
    }

    @Test
    void unresolvable_broker_names_are_no_fault() {
        settings("webhooks.kafka.brokers=broker.invalid:9092\nwebhooks.kafka.topics=calls=acme");
        assertEquals(0, run("--check"), this::complained);
    }

    @Test
    void an_invalid_kafka_client_setting_is_a_fault_without_a_broker() {
        settings("webhooks.kafka.brokers=broker.invalid:9092\nwebhooks.kafka.topics=calls=acme");
        write(
                "routes/50-copy.camel.yaml",
                """
                - route:
                    id: copy
                    from:
                      uri: direct:copy
                      steps:
                        - to:
                            uri: kafka:copies
                            parameters: {brokers: "broker.invalid:9092", securityProtocol: SOMETHING}
                """);
        assertEquals(1, run("--check"));
        assertFault(complained(), "50-copy.camel.yaml", "SOMETHING");
    }

    @Test
    void all_faults_of_settings_routes_and_configuration_are_reported_at_once_with_their_place() throws IOException {
        settings("webhooks.delivery.max-agee=7d\nwebhooks.ingest.max-body=much\nwebhooks.profile=test");
        write(
                "webhooks.yaml",
                GOOD_CONFIG.replace("events:", "eventz:").replace("https://crm.example.com/in", "http://10.1.2.3/"));
        write(
                "routes/10-options.camel.yaml",
                route("unknown-option", "uri: outbox:accept\n            parameters: {colour: red}"));
        write(
                "routes/20-bean.camel.yaml",
                route("missing-bean", "uri: direct:x")
                        .replace("- to:", "- process:")
                        .replace("uri: direct:x", "ref: nosuch"));
        write("routes/30-syntax.camel.yaml", "- route:\n    id: broken\n    from: [\n");
        write(
                "routes/40-step.camel.yaml",
                route("unknown-step", "uri: direct:x").replace("- to:", "- sendTo:"));

        assertEquals(1, run("--check"));

        String faults = complained();
        assertFault(faults, "setting 'webhooks.delivery.max-agee' does not exist", "webhooks.delivery.max-age'");
        assertFault(faults, "webhooks.ingest.max-body must be a number of bytes", "'much'");
        assertFault(faults, "webhooks.profile must be dev or prod", "'test'");
        assertFault(faults, "webhooks.yaml:5: webhook 'all'", "'eventz'");
        assertFault(faults, "webhooks.yaml:5: webhook 'all'", "10.1.2.3");
        assertFault(
                faults, folder.resolve("routes/10-options.camel.yaml") + ":6: route 'unknown-option'", "colour=red");
        assertFault(faults, folder.resolve("routes/20-bean.camel.yaml") + ":6: route 'missing-bean'", "nosuch");
        assertFault(faults, folder.resolve("routes/30-syntax.camel.yaml") + ":4: ");
        assertFault(faults, folder.resolve("routes/40-step.camel.yaml") + ":6: ", "sendTo");
        long lines = faults.lines().count();
        assertTrue(faults.endsWith((lines - 1) + " faults\n"), faults);
        assertFalse(faults.contains("\tat "), "no stack trace");
        assertFalse(faults.contains("a-key-of-acme"), "no secret");
    }

    @Test
    void keys_and_values_that_camel_does_not_know_are_faults_with_their_lines_and_end_a_start_with_the_same()
            throws Exception {
        runningSettings(
                "camel.server.prot=1",
                "camel.sever.maxBodySize=1",
                "camel.main.shutdown-timeout=s3cret",
                "camel.component.kafka.brokrs=s3cret",
                "camel.component.kafka.pollTimeoutMs=s3cret",
                "camel.component.kafak.brokers=broker:9092");
        String place = folder.resolve("application.properties") + ":";
        List<String> names = List.of(
                place + "6: Camel has no setting 'camel.server.prot'; did you mean 'camel.server.port'?",
                place + "7: Camel has no settings 'camel.sever.…'; did you mean 'camel.server.…'?");
        List<String> values = List.of(
                place + "11: camel.component.kafak.brokers: Camel has no component 'kafak' here",
                place
                        + "9: camel.component.kafka.brokrs: component 'kafka' has no option 'brokrs'; did you mean 'brokers'?",
                place
                        + "10: camel.component.kafka.pollTimeoutMs: the value must be a whole number, or a duration such as 5s",
                place + "8: camel.main.shutdownTimeout: the value must be a whole number");

        assertEquals(1, run("--check"));
        assertEquals(Stream.concat(names.stream(), values.stream()).toList() + "\n6 faults", faultsAndCount());

        err.reset();
        assertEquals(1, run(NOTHING));
        assertEquals(names + "\n2 faults", faultsAndCount());

        String file = Files.readString(folder.resolve("application.properties"));
        write("application.properties", file.replace("prot=", "port=").replace("sever", "server"));
        err.reset();
        assertEquals(1, run(NOTHING));
        assertEquals(values + "\n4 faults", faultsAndCount());
    }

    private String faultsAndCount() {
        List<String> lines = complained().lines().toList();
        int last = lines.size() - 1;
        return lines.subList(0, last) + "\n" + lines.get(last);
    }

    @Test
    void options_of_components_apply_when_routes_are_checked() {
        settings("camel.component.kafka.securityProtocol=SOMETHING");
        write("routes/10-a.camel.yaml", route("copies", "uri: kafka:copies?brokers=broker.invalid:9092"));
        assertEquals(1, run("--check"));
        assertFault(complained(), "10-a.camel.yaml", "SOMETHING");
    }

    @Test
    void beans_are_visible_to_routes_of_every_file() {
        settings("");
        write(
                "routes/10-a.camel.yaml",
                route("stamps", "uri: direct:x").replace("- to:", "- bean:").replace("uri: direct:x", "ref: stamp"));
        write("routes/20-b.camel.yaml", "- beans:\n    - name: stamp\n      type: java.util.Date\n");
        assertEquals(0, run("--check"), this::complained);

        write("routes/20-b.camel.yaml", "- beans:\n    - name: stamp\n      type: no.such.Stamp\n");
        assertEquals(1, run("--check"));
        assertFault(complained(), "20-b.camel.yaml: ", "no.such.Stamp");
    }

    @Test
    void warnings_of_a_start_are_printed_and_are_no_faults() {
        write("webhooks.yaml", GOOD_CONFIG);
        settings("webhooks.server.behind-tls-proxy=true");
        assertEquals(0, run("--check"), this::complained);
        assertFault(complained(), "warning: server.proxy-unknown: ", "webhooks.server.trusted-proxies");
        assertFault(complained(), "warning: ", "webhooks.yaml:2: account 'acme': has no signing keys");
        assertEquals(2, complained().lines().count(), this::complained);
        assertEquals("settings, routes, configuration and store are fine, 2 warnings\n", said());

        settings("webhooks.server.behind-tls-proxy=true\nwebhooks.profile=test");
        err.reset();
        assertEquals(1, run("--check"));
        assertTrue(complained().endsWith("\n1 fault, 2 warnings\n"), this::complained);
    }

    @Test
    void a_condition_that_sets_a_value_and_a_macro_of_another_language_are_faults() {
        write(
                "webhooks.yaml",
                GOOD_CONFIG
                        .replace("{name: all,", "{name: all, condition: '.data.state = \"x\"',")
                        .replace("{url:", "{body: '{\"a\": \"{ data.x }\"}', url:"));
        settings("");
        assertEquals(1, run("--check"));
        assertFault(complained(), "webhooks.yaml:5: webhook 'all': 'condition': ", "never true; compare with ==");
        assertFault(complained(), "webhooks.yaml:5: webhook 'all': 'body': '{ data.x }' is no macro; write {data.x}");
    }

    @Test
    void an_invalid_maintenance_schedule_is_a_fault() {
        settings("webhooks.retention.cron=every day");
        assertEquals(1, run("--check"));
        assertTrue(
                complained().contains("remove-expired-data") || complained().contains("webhooks.retention.cron"),
                this::complained);
    }

    @Test
    void a_duplicate_route_id_in_any_file_is_a_fault() throws IOException {
        settings("");
        write("routes/10-a.camel.yaml", route("same-id", "uri: log:a"));
        write("routes/20-b.camel.yaml", route("same-id", "uri: log:b").replace("direct:from-same-id", "direct:b"));
        assertEquals(1, run("--check"));
        assertFault(complained(), "20-b.camel.yaml:4: route 'same-id' is also in", "10-a.camel.yaml");
    }

    @Test
    void a_step_that_sends_to_a_route_that_does_not_exist_is_a_fault() throws IOException {
        settings("");
        write("routes/10-a.camel.yaml", route("dead-end", "uri: direct:nowhere"));
        assertEquals(1, run("--check"));
        assertFault(complained(), "10-a.camel.yaml:7: a step sends to direct:nowhere, and no route is from there");
    }

    @Test
    void a_custom_destination_without_a_route_is_a_fault_that_names_a_webhook() throws IOException {
        write(
                "webhooks.yaml",
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: a-key-of-acme-that-may-do-all}]
                    webhooks:
                      - name: to-hubspot
                        events: ["*"]
                        delivery: {url: "https://crm.example.com/in", authentication: {type: custom, destination: hubspot}}
                      - name: to-pipedrive
                        events: ["*"]
                        delivery: {url: "https://crm.example.com/in", authentication: {type: custom, destination: pipedrive}}
                """);
        settings("");
        write("routes/50-a.camel.yaml", destination("deliver-pipedrive"));

        assertEquals(1, run("--check"));

        assertFault(
                complained(),
                "webhook 'to-hubspot' of account 'acme' sends to destination 'hubspot'",
                "no route is from direct:deliver-hubspot; add one to the routes");
        assertTrue(complained().endsWith("\n1 fault, 1 warning\n"), this::complained);
    }

    @Test
    void a_custom_destination_that_does_not_serve_the_account_is_a_fault_with_several_accounts() throws IOException {
        String file =
                """
                accounts:
                  - id: acme
                    apiKeys: [{name: staff, role: admin, key: a-key-of-acme-that-may-do-all}]
                    webhooks:
                      - {name: to-crm, events: ["*"], delivery: {url: "https://crm.example.com/in", authentication: {type: custom, destination: crm}}}
                """;
        String other = "  - {id: beta, apiKeys: [{name: staff, role: admin, key: a-key-of-beta-that-may-do-all}]}\n";
        String route = destination("deliver-crm");
        write("routes/50-a.camel.yaml", route);
        write("webhooks.yaml", file);
        settings("");
        assertEquals(0, run("--check"), this::complained);

        write("webhooks.yaml", file + other);
        assertEquals(1, run("--check"));
        assertFault(
                complained(),
                "webhook 'to-crm' of account 'acme' sends to destination 'crm'",
                "the route from direct:deliver-crm does not serve that account; name it in a step setProperty"
                        + " 'webhookAccounts' of that route");

        write(
                "routes/50-a.camel.yaml",
                route.replace(
                        "      steps:\n",
                        "      steps:\n        - setProperty: {id: accounts, name: webhookAccounts, constant: acme}\n"));
        assertEquals(0, run("--check"), this::complained);
    }

    @Test
    void a_secret_in_a_route_and_a_route_without_an_id_are_faults() throws IOException {
        settings("");
        write(
                "routes/10-a.camel.yaml",
                route(
                        "calls-out",
                        "uri: https:crm.example.com\n            parameters: {authUsername: me, authPassword: s3cret-1}"));
        write("routes/20-b.camel.yaml", route("calls-too", "uri: https:crm.example.com?authPassword=s3cret-2"));
        write("routes/30-c.camel.yaml", route("logs-in", "uri: https://me:s3cret-3@crm.example.com"));
        write("routes/40-d.camel.yaml", route("nameless", "uri: log:d").replace("    id: nameless\n", ""));

        assertEquals(1, run("--check"));

        assertFault(
                complained(),
                "10-a.camel.yaml:7: option 'authPassword' of 'https' is a secret",
                "'{{my.authPassword}}'");
        assertFault(complained(), "20-b.camel.yaml:7: option 'authPassword' of 'https' is a secret");
        assertFault(complained(), "30-c.camel.yaml:7: a step's uri of 'https' holds a user and password");
        assertFault(complained(), "40-d.camel.yaml:3: a route has no id");
        assertFalse(complained().contains("s3cret"), complained());
    }

    @Test
    void a_rest_may_send_to_a_route_whichever_file_comes_first() throws IOException {
        settings("");
        write("routes/10-a.camel.yaml", REST);
        write("routes/20-b.camel.yaml", route("lists", "uri: log:a"));
        assertEquals(0, run("--check"), this::complained);

        Files.delete(folder.resolve("routes/20-b.camel.yaml"));
        write("routes/10-a.camel.yaml", route("lists", "uri: log:a"));
        write("routes/20-b.camel.yaml", REST);
        assertEquals(0, run("--check"), this::complained);
    }

    @Test
    void a_verb_of_a_rest_without_an_id_is_reported_with_its_line_and_two_may_send_to_one_route() throws IOException {
        settings("");
        write("routes/10-a.camel.yaml", route("lists", "uri: log:a"));
        write(
                "routes/20-b.camel.yaml",
                REST
                        + """
                              - path: /calls/{id}
                                to: log:b
                            post:
                              - path: /calls
                                id: accept-calls
                                to: log:c
                            put:
                              - path: /calls
                                routeId: replace-calls
                                to: direct:from-lists
                        """);

        assertEquals(1, run("--check"));

        assertFault(complained(), "20-b.camel.yaml:7: a route has no id", "such as 'routeId: ");
        assertFault(complained(), "20-b.camel.yaml:10: a route has no id");
        assertTrue(complained().endsWith("\n2 faults\n"), this::complained);
    }

    @Test
    void a_rest_with_inlined_routes_is_a_fault() throws IOException {
        settings("");
        write("routes/10-a.camel.yaml", route("lists", "uri: log:a"));
        write("routes/20-b.camel.yaml", "- restConfiguration: {inlineRoutes: true}\n" + REST);

        assertEquals(1, run("--check"));

        assertFault(complained(), "20-b.camel.yaml: 'restConfiguration' sets 'inlineRoutes'", "leave it out");
        assertTrue(complained().endsWith("\n1 fault\n"), this::complained);
    }

    @Test
    void on_completion_in_a_delivery_route_needs_separate_threads() throws IOException {
        settings("");
        String completion =
                """
                - onCompletion:
                    id: after
                    %s
                    steps: [{to: {id: after-step, uri: "log:a"}}]
                """;
        String delivers = destination("deliver-crm");
        write("routes/10-a.camel.yaml", completion.formatted("mode: AfterConsumer") + delivers);
        write(
                "routes/20-b.camel.yaml",
                completion.formatted("parallelProcessing: true").replace("after", "parallel")
                        + delivers.replace("crm", "parallel"));
        write(
                "routes/30-c.camel.yaml",
                completion.formatted("mode: AfterConsumer").replace("after", "other") + route("other", "uri: log:a"));

        assertEquals(1, run("--check"));

        assertFault(
                complained(),
                "10-a.camel.yaml",
                "route 'deliver-crm': onCompletion holds a thread that delivers until its steps have ended;"
                        + " let it use other threads: 'parallelProcessing: true'");
        assertTrue(complained().endsWith("\n1 fault\n"), this::complained);
    }

    @Test
    void redelivery_is_a_fault_in_delivery_routes_only() throws IOException {
        settings("");
        String handled =
                """
                - route:
                    id: %s
                    errorHandler: {defaultErrorHandler: {redeliveryPolicy: {maximumRedeliveries: 3}}}
                    from: {uri: "direct:%s", steps: [{process: {id: %s-step, ref: noteDelivered}}]}
                """;
        String caught =
                """
                - onException:
                    id: again
                    exception: [java.io.IOException]
                    redeliveryPolicy: {maximumRedeliveries: -1}
                    steps: [{to: {id: again-step, uri: "log:a"}}]
                """;
        write("routes/10-a.camel.yaml", handled.formatted("handled", "deliver-crm", "handled"));
        write("routes/15-a.camel.yaml", caught + destination("deliver-caught"));
        write("routes/20-b.camel.yaml", handled.formatted("other", "other", "other"));

        assertEquals(1, run("--check"));

        assertFault(
                complained(),
                "10-a.camel.yaml:4: route 'handled': redelivery holds a thread",
                "leave out 'redeliveryPolicy'");
        assertFault(complained(), "15-a.camel.yaml", "route 'deliver-caught': redelivery holds a thread");
        assertTrue(complained().endsWith("\n2 faults\n"), this::complained);
    }

    @Test
    void duplicate_direct_endpoints_and_step_ids_are_faults() throws IOException {
        settings("");
        write("routes/10-a.camel.yaml", route("first", "{uri: 'log:a', id: say-it}"));
        write(
                "routes/20-b.camel.yaml",
                route("second", "uri: log:b").replace("direct:from-second", "direct:from-first"));
        write("routes/30-c.camel.yaml", route("third", "{uri: 'log:c', id: say-it}"));

        assertEquals(1, run("--check"));

        assertFault(
                complained(), "20-b.camel.yaml:4: route 'second' is from direct:from-first, and so is route 'first'");
        assertFault(complained(), "30-c.camel.yaml:6: step 'say-it' is also in", "10-a.camel.yaml:6");
        assertTrue(complained().endsWith("\n2 faults\n"), this::complained);
    }

    @Test
    void a_mistyped_option_of_an_http_endpoint_or_kamelet_is_a_fault() throws IOException {
        settings("");
        write(
                "routes/10-a.camel.yaml",
                route(
                        "calls-out",
                        "uri: https:crm.example.com\n            parameters: {skipRequestHeader: true, page: 2}"));
        write(
                "routes/20-b.camel.yaml",
                route("clean-up", "uri: kamelet:clean-headers-action\n            parameters: {keep: a, kept: b}"));
        write("routes/30-c.camel.yaml", route("clean-most", "uri: kamelet:clean-headers-action"));

        assertEquals(1, run("--check"));

        assertFault(
                complained(),
                "10-a.camel.yaml:7: option 'skipRequestHeader' of 'https' does not exist",
                "did you mean 'skipRequestHeaders'?");
        assertFault(
                complained(), "20-b.camel.yaml:7: Kamelet 'clean-headers-action' has no property 'kept'; it has keep");
        assertFault(complained(), "30-c.camel.yaml:6: route 'clean-most'", "keep");
        assertTrue(complained().endsWith("\n3 faults\n"), this::complained);
    }

    @Test
    void an_unknown_option_of_a_dynamic_endpoint_is_a_fault_too() throws IOException {
        settings("");
        write("routes/10-a.camel.yaml", dynamic("writes", "file:${header.dir}", "{fileNaem: x, charset: utf-8}"));
        write("routes/20-b.camel.yaml", dynamic("asks", "quartz:${header.name}", "{trigger.a: b, job.c: d, jbo.e: f}"));
        write("routes/30-c.camel.yaml", dynamic("calls", "https:${header.host}", "{page: 2}"));
        write("routes/40-d.camel.yaml", dynamic("chooses", "${header.scheme}:x", "{whatever: 2}"));

        assertEquals(1, run("--check"));

        assertFault(
                complained(),
                "10-a.camel.yaml:7: option 'fileNaem' of 'file' does not exist; did you mean 'fileName'?");
        assertFault(complained(), "20-b.camel.yaml:7: option 'jbo.e' of 'quartz' does not exist");
        assertTrue(complained().endsWith("\n2 faults\n"), this::complained);
    }

    private static String dynamic(String route, String uri, String parameters) {
        return route(route, "uri: \"" + uri + "\"\n            parameters: " + parameters)
                .replace("- to:", "- toD:");
    }

    @Test
    void a_property_that_nothing_sets_is_a_fault() throws IOException {
        settings("my.known=log:a");
        write("routes/10-a.camel.yaml", route("known", "uri: \"{{my.known}}\""));
        write("routes/20-b.camel.yaml", route("unknown", "uri: \"{{my.unknown}}\""));

        assertEquals(1, run("--check"));

        assertFault(complained(), "20-b.camel.yaml:6: route 'unknown'", "my.unknown");
        assertTrue(complained().endsWith("\n1 fault\n"), this::complained);
    }

    @Test
    void a_kamelet_is_checked_whether_a_route_uses_it_or_not() throws IOException {
        settings("camel.component.kamelet.location=file:" + folder.resolve("kamelet-catalog"));
        write("routes/10-a.camel.yaml", route("greets", "uri: kamelet:greet-action"));
        write("kamelet-catalog/greet-action.kamelet.yaml", kamelet("greet-action", "process: {ref: nosuch}"));
        write("kamelet-catalog/other-action.kamelet.yaml", kamelet("other-action", "sendTo: {uri: 'log:a'}"));
        write("kamelet-catalog/third-action.kamelet.yaml", kamelet("another-action", "log: hello"));
        write(
                "kamelet-catalog/fourth-action.kamelet.yaml",
                kamelet("fourth-action", "to: 'https:crm.example.com?authPassword=s3cret'"));

        assertEquals(1, run("--check"));

        assertFault(complained(), "10-a.camel.yaml:6: route 'greets'", "nosuch");
        assertFault(complained(), "other-action.kamelet.yaml:10: ", "sendTo");
        assertFault(
                complained(),
                "third-action.kamelet.yaml:3: the Kamelet is named 'another-action'",
                "this file would hold one named 'third-action'");
        assertFault(complained(), "fourth-action.kamelet.yaml:10: option 'authPassword' of 'https' is a secret");
        assertFalse(complained().contains("s3cret"), this::complained);
        assertTrue(complained().endsWith("\n4 faults\n"), this::complained);
    }

    private static String kamelet(String name, String step) {
        return """
                apiVersion: camel.apache.org/v1
                kind: Kamelet
                metadata: {name: %s, labels: {camel.apache.org/kamelet.type: action}}
                spec:
                  definition: {title: Some Action, type: object}
                  template:
                    from:
                      uri: "kamelet:source"
                      steps:
                        - %s
                """
                .formatted(name, step);
    }

    @Test
    void a_secret_passed_to_a_users_kamelet_is_a_fault_too() throws IOException {
        settings("my.secret=s3cret\ncamel.component.kamelet.location=file:" + folder.resolve("kamelet-catalog"));
        String properties = "definition: {title: Some Action, type: object, properties: {user: {type: string},"
                + " apiKey: {type: string, format: password},"
                + " pin: {type: string, x-descriptors: ['urn:alm:descriptor:com.tectonic.ui:password']}}}";
        write(
                "kamelet-catalog/ask-action.kamelet.yaml",
                kamelet("ask-action", "log: '{{user}} {{apiKey}} {{pin}}'").replaceFirst("definition: .*", properties));
        String options = "uri: kamelet:ask-action\n            parameters: {user: me, apiKey: %s, pin: \"%s\"}";
        write("routes/10-a.camel.yaml", route("asks", options.formatted("s3cret-1", "s3cret-2")));
        write("routes/20-b.camel.yaml", route("asks-too", options.formatted("\"{{my.secret}}\"", "{{my.secret}}")));
        write(
                "routes/30-c.camel.yaml",
                route("asks-again", "uri: kamelet:ask-action?user=me&pin={{my.secret}}&apiKey=s3cret-3"));

        assertEquals(1, run("--check"));

        assertFault(complained(), "10-a.camel.yaml:7: option 'apiKey' of Kamelet 'ask-action' is a secret");
        assertFault(complained(), "10-a.camel.yaml:7: option 'pin' of Kamelet 'ask-action' is a secret", "{{my.pin}}");
        assertFault(complained(), "30-c.camel.yaml:7: option 'apiKey' of Kamelet 'ask-action' is a secret");
        assertFalse(complained().contains("s3cret"), this::complained);
        assertTrue(complained().endsWith("\n3 faults\n"), this::complained);
    }

    @Test
    void a_kamelet_of_the_jar_can_be_used_in_any_folder() throws IOException {
        settings("");
        write(
                "routes/10-a.camel.yaml",
                route("clean-up", "uri: kamelet:clean-headers-action\n            parameters: {keep: a}"));
        assertEquals(0, run("--check"), this::complained);
    }

    @Test
    void a_routes_option_replaces_the_default_folder() throws IOException {
        settings("");
        write("routes/10-a.camel.yaml", "broken: [");
        write("others/10-b.camel.yaml", route("log-it", "uri: log:b"));
        assertEquals(0, run("--check", "--routes", folder.resolve("others").toString()), this::complained);
    }

    @Test
    void a_missing_configured_folder_or_configuration_is_a_fault() {
        write("application.properties", "webhooks.config=file:" + folder.resolve("nosuch.yaml") + "\n");
        assertEquals(1, run("--check", "--routes", folder.resolve("nosuch").toString()));
        assertFault(complained(), "--routes", "nosuch is not a folder");
        assertFault(complained(), "nosuch.yaml does not exist");
    }

    @Test
    void an_empty_folder_of_routes_is_a_fault() throws IOException {
        settings("");
        Files.createDirectory(folder.resolve("routes"));
        assertEquals(1, run("--check"));
        assertFault(complained(), "routes holds no *.camel.yaml");
    }

    @Test
    void a_file_ignored_because_of_its_name_is_a_fault() throws IOException {
        settings("camel.component.kamelet.location=file:" + folder.resolve("kamelet-catalog"));
        write("routes/10-a.camel.yaml", route("says", "uri: log:a"));
        write("routes/60-mine.yaml", route("mine", "uri: log:a"));
        write("routes/61-mine.camel.yml", route("mine-too", "uri: log:a"));
        write("routes/README.md", "What these are for.");
        write("routes/63-mine.xml", "<routes/>");
        write("routes/Mine.java", "class Mine {}");
        write("routes/.62-hidden.camel.yaml", "no: [yaml");
        write("kamelet-catalog/greet-action.yaml", kamelet("greet-action", "log: hello"));

        assertEquals(1, run("--check"));

        assertFault(complained(), "routes/60-mine.yaml: the name of a route file must end in .camel.yaml");
        assertFault(complained(), "routes/61-mine.camel.yml: the name of a route file must end in .camel.yaml");
        assertFault(complained(), "greet-action.yaml: the name of a Kamelet's file must end in .kamelet.yaml");
        assertFault(complained(), "routes/63-mine.xml: only files whose names end in .camel.yaml are loaded");
        assertFault(complained(), "routes/Mine.java: only files whose names end in .camel.yaml are loaded");
        assertTrue(complained().endsWith("\n5 faults\n"), this::complained);

        Files.delete(folder.resolve("routes/10-a.camel.yaml"));
        assertEquals(1, run("--check"));
        assertFault(complained(), "routes holds no *.camel.yaml");
        assertFault(complained(), "routes/60-mine.yaml: the name of a route file must end in .camel.yaml");
    }

    @Test
    void a_check_in_profile_prod_reports_unsafe_settings() {
        settings("webhooks.profile=prod\nwebhooks.egress.plain-http=0.0.0.0/0\ncamel.management.host=0.0.0.0");
        assertEquals(1, run("--check"));
        assertFault(complained(), "profile prod", "webhooks.egress.plain-http");
        assertFault(complained(), "profile prod", "camel.management.host");
    }

    @Test
    void the_defaults_are_written_once_and_have_no_faults() throws IOException {
        assertEquals(0, run("--print-defaults", folder.toString()));
        for (String file : List.of(
                "application.properties",
                "routes/10-ingest.camel.yaml",
                "routes/30-deliver.camel.yaml",
                "routes/90-maintenance.camel.yaml",
                "kamelet-catalog/clean-headers-action.kamelet.yaml")) {
            assertEquals(Files.readString(Path.of(file)), Files.readString(folder.resolve(file)), file);
            assertTrue(said().contains(folder.resolve(file) + "\n"), file);
        }
        try (Stream<Path> own = Files.list(Path.of("routes"));
                Stream<Path> written = Files.list(folder.resolve("routes"))) {
            assertEquals(own.count(), written.count());
        }

        write("routes/10-ingest.camel.yaml", "mine");
        out.reset();
        assertEquals(0, run("--print-defaults", folder.toString()));
        assertEquals("", said(), "nothing was written a second time");
        assertEquals("mine", Files.readString(folder.resolve("routes/10-ingest.camel.yaml")));

        Files.delete(folder.resolve("routes/10-ingest.camel.yaml"));
        run("--print-defaults", folder.toString());
        assertEquals(0, run("--check"), this::complained);
    }

    @Test
    void defaults_that_cannot_be_written_are_reported() throws IOException {
        Path file = folder.resolve("a-file");
        Files.writeString(file, "");
        assertEquals(1, run("--print-defaults", file.toString()));
        assertTrue(complained().startsWith("the defaults cannot be written to " + file), this::complained);
    }

    /** Semantics 25 and 36: the first key is said once, and the key file too, and both are good after a restart. */
    @Test
    void it_runs_from_an_empty_folder_and_stops_on_request() throws Exception {
        Process process = product("-Dcamel.server.port=0");
        int port = awaitReady(process);

        assertEquals(401, post(port, null));
        String key = Files.readString(folder.resolve("data/first-key")).strip();
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data/first-key"))));
        assertEquals(202, post(port, key));
        assertTrue(Files.exists(folder.resolve("data/webhooks.db")));
        assertEquals(401, postForm(port, null), "a file that no one asked for");
        assertEquals(415, postForm(port, key));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(
                    List.of("data", "err.log", "out.log"),
                    left.map(path -> path.getFileName().toString()).sorted().toList());
        }
        assertTrue(log().contains(key), "the first key is said");
        assertTrue(log().contains("store-key.created file=data/webhooks.db.key"), this::log);

        process.destroy();
        assertEquals(143, exit(process));
        assertTrue(log().contains("shutdown"), this::log);
        Files.delete(folder.resolve("out.log"));

        // a relative folder of routes is one in the working folder of the process
        assertEquals(0, run("--print-defaults", folder.resolve("defaults").toString()));
        Files.move(folder.resolve("defaults/routes"), folder.resolve("others"));
        write("routes/10-a.camel.yaml", "broken: [");
        Process second = product("-Dcamel.server.port=0", "--routes", "others");
        assertEquals(202, post(awaitReady(second), key));
        assertFalse(log().contains(key), "it is said only once");
        assertFalse(log().contains("key file"), this::log);
        assertFalse(log().contains(" WARN "), this::log);
        assertFalse(log().contains(" ERROR "), this::log);
    }

    @Test
    void a_taken_port_is_reported_in_one_line() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            runningSettings("camel.server.port=" + taken.getLocalPort());
            assertEquals(1, run(NOTHING));
            List<String> lines = complained().lines().toList();
            assertEquals(2, lines.size(), this::complained);
            assertTrue(
                    lines.get(0).contains("cannot be opened") && lines.get(0).contains("camel.server.port"),
                    this::complained);
            assertTrue(lines.get(0).contains(Integer.toString(taken.getLocalPort())), this::complained);
            assertEquals("1 fault", lines.get(1));
        }
    }

    @Test
    void a_store_locked_by_another_process_is_reported_in_one_line_and_a_rekeying_does_not_wait() throws Exception {
        write("webhooks.yaml", GOOD_CONFIG);
        Process running = product("-Dcamel.server.port=0");
        awaitReady(running);
        runningSettings();
        String key = Files.readString(folder.resolve("data/webhooks.db.key"));

        assertEquals(1, run(NOTHING));
        assertTrue(complained().contains("in use by pid " + running.pid()), this::complained);
        assertEquals(2, complained().lines().count(), this::complained);
        err.reset();
        assertEquals(1, run("--rekey"));
        assertFault(complained(), "in use by pid " + running.pid());
        assertEquals(key, Files.readString(folder.resolve("data/webhooks.db.key")));

        running.destroy();
        exit(running);
        assertEquals(0, run("--rekey"), this::complained);
        assertFalse(key.equals(Files.readString(folder.resolve("data/webhooks.db.key"))));
        // the configuration that is kept opens with the new key
        write("webhooks.yaml", "accounts: [");
        assertEquals(0, run(CommandLineTest::takesAnEvent), this::complained);
    }

    private static void takesAnEvent(Product product) throws Exception {
        assertEquals(202, post(product.port(), "a-key-of-acme-for-all"));
    }

    @Test
    void a_wrong_key_stops_the_start_until_the_encrypted_data_is_deleted() throws Exception {
        write("webhooks.yaml", GOOD_CONFIG);
        runningSettings();
        CommandLine.Running checked = product -> {
            takesAnEvent(product);
            assertEquals(0, run("--check"), this::complained);
        };
        assertEquals(0, run(checked, new String[0]), this::complained);
        Map<String, String> before = data();
        assertEquals(0, run("--check"), this::complained);
        String key = Files.readString(folder.resolve("data/webhooks.db.key"));
        write("data/webhooks.db.key", "no key");
        assertEquals(1, run("--check"));
        assertFault(complained(), "data/webhooks.db.key holds no key");
        write("data/webhooks.db.key", key);
        assertEquals(before, data(), "a check changes nothing");
        Files.delete(folder.resolve("data/webhooks.db.key"));
        err.reset();
        assertEquals(1, run("--check"));
        String found = complained().lines().toList().get(1);
        err.reset();

        assertEquals(1, run(NOTHING));
        assertEquals(found + "\n1 fault\n", complained());
        assertEquals(2, complained().lines().count(), this::complained);
        assertFault(complained(), "data/webhooks.db.key does not exist", "--forget-sealed");

        assertEquals(0, run("--forget-sealed"), this::complained);
        assertTrue(said().contains("is dropped"), this::said);
        assertEquals(0, run(CommandLineTest::takesAnEvent), this::complained);
    }

    /** What the folder of the store holds. */
    private Map<String, String> data() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder.resolve("data"))) {
            for (Path file : all.toList()) {
                files.put(
                        file.getFileName().toString(),
                        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return files;
    }

    private static String route(String id, String to) {
        return """
                - route:
                    id: %s
                    from:
                      uri: direct:from-%s
                      steps:
                        - to:
                            %s
                """
                .formatted(id, id, to)
                .replace("            parameters", "            parameters");
    }

    /** A route to which webhooks can send. */
    private static String destination(String id) {
        return route(id, "uri: log:a").replace("direct:from-", "direct:") + "        - process: {id: note-" + id
                + ", ref: noteDelivered}\n";
    }

    private static void assertFault(String faults, String... parts) {
        assertTrue(
                faults.lines().anyMatch(line -> Stream.of(parts).allMatch(line::contains)),
                () -> String.join(" … ", parts) + " is not in\n" + faults);
    }

    /** The folder's settings; its configuration file is the one that is meant. */
    private void settings(String text) {
        String config = Files.exists(folder.resolve("webhooks.yaml")) || text.contains("max-agee")
                ? "webhooks.config=file:" + folder.resolve("webhooks.yaml") + "\n"
                : "";
        write("application.properties", config + text + "\n");
    }

    private void write(String name, String text) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The product as its own process, in the folder. */
    private Process product(String... arguments) throws IOException {
        List<String> command = JavaCommand.product(Stream.concat(
                        Stream.of("-XX:+UseSerialGC", "-Dcamel.management.port=" + FreePort.any()),
                        Stream.of(arguments).filter(each -> each.startsWith("-D")))
                .toArray(String[]::new));
        command.addAll(
                Stream.of(arguments).filter(each -> !each.startsWith("-D")).toList());
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("out.log").toFile()))
                .redirectError(
                        ProcessBuilder.Redirect.to(folder.resolve("err.log").toFile()))
                .start();
        processes.add(process);
        return process;
    }

    private static int exit(Process process) throws InterruptedException {
        assertTrue(process.waitFor(180, TimeUnit.SECONDS), "it ends");
        return process.exitValue();
    }

    private int awaitReady(Process process) {
        Matcher ready = Awaitility.await()
                .until(
                        () -> {
                            assertTrue(process.isAlive(), () -> log() + errors());
                            return READY.matcher(log());
                        },
                        Matcher::find);
        return Integer.parseInt(ready.group(1));
    }

    private String log() {
        return read("out.log");
    }

    private String errors() {
        return read("err.log");
    }

    private String read(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static int post(int port, String key) throws IOException, InterruptedException {
        String id = UUID.randomUUID().toString();
        return post(port, key, "application/json", "{\"id\":\"" + id + "\",\"source\":\"/s\",\"type\":\"call.ended\"}");
    }

    private static int postForm(int port, String key) throws IOException, InterruptedException {
        return post(
                port,
                key,
                "multipart/form-data; boundary=b",
                "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.bin\"\r\n"
                        + "Content-Type: application/octet-stream\r\n\r\n" + "x".repeat(100_000) + "\r\n--b--\r\n");
    }

    private static int post(int port, String key, String type, String body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/events"))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        return HttpClient.newHttpClient()
                .send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
