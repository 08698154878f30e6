package io.engagementwebhooks.quickstart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.engagementwebhooks.testkit.ContentsquareStandIn;
import io.engagementwebhooks.testkit.SalesforceStandIn;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import no.nav.security.mock.oauth2.MockOAuth2Server;

/**
 * What {@code ./quickstart.sh} runs: the product as a process of its own, a receiver, an OAuth2 server and the two
 * stand-ins, sample calls through the real ingest, and a table of what became of them.
 */
public final class Quickstart {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Options options;
    private final List<AutoCloseable> open = new ArrayList<>();
    private Path folder;
    private Process product;

    private Quickstart(Options options) {
        this.options = options;
    }

    private record Options(boolean once, boolean terminal, int port, int managementPort) {
        static Options of(String[] arguments) {
            boolean once = false;
            boolean terminal = false;
            int port = 8080;
            int managementPort = 9876;
            for (int i = 0; i < arguments.length; i++) {
                switch (arguments[i]) {
                    case "--once" -> once = true;
                    case "--terminal" -> terminal = true;
                    case "--port" -> port = number(arguments, ++i);
                    case "--management-port" -> managementPort = number(arguments, ++i);
                    default -> throw new IllegalArgumentException("there is no option " + arguments[i]);
                }
            }
            return new Options(once, terminal, port, managementPort);
        }

        private static int number(String[] arguments, int index) {
            if (index < arguments.length && arguments[index].matches("\\d{1,5}")) {
                return Integer.parseInt(arguments[index]);
            }
            throw new IllegalArgumentException(arguments[index - 1] + " needs a port");
        }
    }

    public static void main(String[] arguments) {
        Options options;
        try {
            options = Options.of(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "; see ./quickstart.sh --help");
            System.exit(2);
            return;
        }
        System.exit(new Quickstart(options).run());
    }

    private int run() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
        try {
            if (isTaken(options.port(), "--port") || isTaken(options.managementPort(), "--management-port")) {
                return 1;
            }
            return demo();
        } catch (InterruptedException e) {
            return 1;
        } catch (Exception e) {
            System.err.println("the demo failed: " + e.getMessage());
            tellLog();
            return 1;
        }
    }

    private static boolean isTaken(int port, String option) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(port));
            return false;
        } catch (IOException e) {
            System.err.println("port " + port + " is taken: stop what uses it, or give another by " + option + " N");
            return true;
        }
    }

    private int demo() throws Exception {
        folder = Files.createTempDirectory("engagement-webhooks-demo");
        Map<String, String> environment = startReceivers();
        startProduct(environment);
        Api api = new Api(options.port(), environment.get("DEMO_INGEST_KEY"), environment.get("DEMO_ADMIN_KEY"));
        awaitProduct(api);
        int expected = send(api);
        boolean arrived = watch(api, expected);
        if (!arrived) {
            System.err.println("not everything arrived within " + PATIENCE.toSeconds() + " s");
            tellLog();
            return 1;
        }
        System.out.println("\neverything arrived; the shaky partner needed three attempts");
        if (!options.once()) {
            tellNext(environment);
            new CountDownLatch(1).await();
        }
        return 0;
    }

    private Map<String, String> startReceivers() throws Exception {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("DEMO_INGEST_KEY", secret("ewk_"));
        environment.put("DEMO_ADMIN_KEY", secret("ewk_"));
        environment.put("DEMO_PARTNER_PASSWORD", secret(""));
        environment.put("DEMO_CLIENT_SECRET", secret(""));
        byte[] key = new byte[32];
        RANDOM.nextBytes(key);
        environment.put("DEMO_SIGNING_SECRET", "whsec_" + Base64.getEncoder().encodeToString(key));
        MockOAuth2Server oauth = new MockOAuth2Server();
        oauth.start(InetAddress.getLoopbackAddress(), 0);
        open.add(oauth::shutdown);
        String issuer = "http://127.0.0.1:" + oauth.url("/").port() + "/default";
        environment.put("DEMO_OAUTH_URL", issuer);
        DemoReceiver receiver = new DemoReceiver(
                "partner",
                environment.get("DEMO_PARTNER_PASSWORD"),
                environment.get("DEMO_SIGNING_SECRET"),
                URI.create(issuer + "/jwks"));
        open.add(receiver);
        environment.put("DEMO_PARTNER_URL", receiver.url("/partner"));
        environment.put("DEMO_SHAKY_URL", receiver.url("/shaky"));
        environment.put("DEMO_CRM_URL", receiver.url("/crm"));
        SalesforceStandIn salesforce = SalesforceStandIn.start();
        open.add(salesforce);
        environment.put("DEMO_SALESFORCE_URL", salesforce.url().toString());
        environment.put("DEMO_SALESFORCE_ID", SalesforceStandIn.CLIENT_ID);
        environment.put("DEMO_SALESFORCE_SECRET", SalesforceStandIn.CLIENT_SECRET);
        ContentsquareStandIn contentsquare = new ContentsquareStandIn();
        open.add(contentsquare);
        environment.put("DEMO_CONTENTSQUARE_URL", contentsquare.tokenUrl().toString());
        environment.put("DEMO_CONTENTSQUARE_ID", ContentsquareStandIn.CLIENT_ID);
        environment.put("DEMO_CONTENTSQUARE_SECRET", ContentsquareStandIn.CLIENT_SECRET);
        return environment;
    }

    private static String secret(String prefix) {
        byte[] bytes = new byte[24];
        RANDOM.nextBytes(bytes);
        return prefix + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private void startProduct(Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Dwebhooks.config="
                                + Path.of("examples/quickstart/webhooks.yaml").toAbsolutePath(),
                        "-Dwebhooks.egress.allow=127.0.0.0/8",
                        "-Dcamel.server.host=127.0.0.1",
                        "-Dcamel.server.port=" + options.port(),
                        "-Dcamel.management.port=" + options.managementPort(),
                        "-jar",
                        Path.of("target/engagement-webhooks.jar")
                                .toAbsolutePath()
                                .toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.environment().putAll(environment);
        product = builder.start();
    }

    private Path log() {
        return folder.resolve("product.log");
    }

    private void awaitProduct(Api api) throws Exception {
        Instant begin = Instant.now();
        while (!api.answers()) {
            if (!product.isAlive() || Duration.between(begin, Instant.now()).compareTo(PATIENCE) > 0) {
                throw new IOException("the product did not start");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        System.out.printf(
                "the product runs on port %d (%d ms from java -jar to its first answer)%n%n",
                options.port(),
                ChronoUnit.MILLIS.between(product.info().startInstant().orElse(begin), Instant.now()));
    }

    /** @return how many deliveries there will be */
    private static int send(Api api) throws Exception {
        int deliveries = 0;
        for (String name : List.of("call-ended", "call-missed", "call-modified")) {
            String event = sample(name);
            deliveries += api.send(event);
            // the same event again is recognised and adds nothing
            api.send(event);
        }
        return deliveries;
    }

    private static String sample(String name) throws IOException {
        try (InputStream in = Quickstart.class.getResourceAsStream("/events/" + name + ".json")) {
            ObjectNode event = (ObjectNode) JSON.readTree(in);
            event.put("id", secret(""))
                    .put("account", "demo")
                    .put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
            return JSON.writeValueAsString(event);
        }
    }

    private boolean watch(Api api, int expected) throws Exception {
        Table table = new Table(options.terminal());
        Instant end = Instant.now().plus(PATIENCE);
        List<JsonNode> deliveries = List.of();
        while (Instant.now().isBefore(end)) {
            deliveries = deliveries(api);
            table.show(deliveries);
            if (deliveries.size() >= expected && deliveries.stream().allMatch(Table::isEnd)) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        return deliveries.size() == expected && deliveries.stream().allMatch(Table::isDelivered);
    }

    private static List<JsonNode> deliveries(Api api) throws Exception {
        List<JsonNode> all = new ArrayList<>();
        for (JsonNode item : api.get("/v1/deliveries?limit=200").get("items")) {
            all.add(api.get("/v1/deliveries/" + item.get("id").textValue()));
        }
        all.sort(Comparator.comparing(delivery -> delivery.get("id").textValue()));
        return all;
    }

    private void tellNext(Map<String, String> environment) {
        String base = "http://127.0.0.1:" + options.port();
        System.out.printf(
                """

                It keeps running until Ctrl-C. What to try next:
                  send an event    curl -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' \\
                                     -d '{"id":"my-1","source":"/me","type":"call.ended","data":{"cdr_id":1,"duration":200,"answered":true}}' \\
                                     %s/v1/events
                  see deliveries   curl -H 'Authorization: Bearer %s' %s/v1/deliveries
                  send one again   curl -X POST -H 'Authorization: Bearer %s' %s/v1/deliveries/ID/replay
                  edit a webhook   examples/quickstart/webhooks.yaml; a save is taken up within two seconds
                  edit a route     routes/*.camel.yaml, then: java -jar target/engagement-webhooks.jar --check --routes routes
                  health           curl http://127.0.0.1:%d/observe/health
                  the log          %s
                """,
                environment.get("DEMO_INGEST_KEY"),
                base,
                environment.get("DEMO_ADMIN_KEY"),
                base,
                environment.get("DEMO_ADMIN_KEY"),
                base,
                options.managementPort(),
                log());
    }

    private void tellLog() {
        try {
            List<String> lines = folder == null ? List.of() : Files.readAllLines(log());
            lines.subList(Math.max(0, lines.size() - 30), lines.size()).forEach(System.err::println);
        } catch (IOException e) {
            System.err.println("there is no log");
        }
    }

    private void close() {
        if (product != null) {
            product.destroy();
            try {
                if (!product.waitFor(10, TimeUnit.SECONDS)) {
                    product.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                product.destroyForcibly();
            }
        }
        for (AutoCloseable each : open) {
            try {
                each.close();
            } catch (Exception e) {
                // the process ends anyway
            }
        }
        delete();
    }

    private void delete() {
        if (folder == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            System.err.println(folder + " is left behind: " + e.getMessage());
        }
    }
}
