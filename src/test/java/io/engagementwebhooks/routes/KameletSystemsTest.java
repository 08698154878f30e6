package io.engagementwebhooks.routes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.icegreen.greenmail.configuration.GreenMailConfiguration;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.engagementwebhooks.testkit.Documented;
import io.engagementwebhooks.testkit.FreePort;
import io.engagementwebhooks.testkit.KafkaBroker;
import io.engagementwebhooks.testkit.Postgres;
import io.engagementwebhooks.testkit.RabbitBroker;
import io.engagementwebhooks.testkit.Receiver;
import io.engagementwebhooks.testkit.RunningProduct;
import io.engagementwebhooks.testkit.Tools;
import jakarta.jms.JMSContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.awaitility.Awaitility;
import org.elasticmq.rest.sqs.SQSRestServer;
import org.elasticmq.rest.sqs.SQSRestServerBuilder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.apache.ApacheHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Kamelets of the catalog against the systems that they send to (semantics 50). A separate product: its settings name them. */
@Tag("slow")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KameletSystemsTest {

    private static final String KEY = "acme-admin-key-of-systems";
    private static final String SECRET = "of-the-operator-of-systems";
    private static final String PREFIX = "webhooks.deliver.kamelet.";
    private static final String RETRY = "[200ms, 500ms, 1s, 2s, 5s, 5s, 5s, 5s, 5s, 5s, 5s, 5s]";
    private static final List<String> OWN = List.of(
            "kafka-sink",
            "kafka-two-sink",
            "jms-apache-artemis-sink",
            "mail-sink",
            "aws-s3-sink",
            "spring-rabbitmq-sink");
    private static final int PARTITIONS = 4;
    private static final int EVENTS = 300;

    @AutoClose
    private final Receiver bucket = new Receiver(got -> new Receiver.Reply(200));

    private final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP))
            .withConfiguration(GreenMailConfiguration.aConfig().withUser("u@example.com", "u", SECRET));
    private final int jmsPort = FreePort.any();
    private final int rabbitPort = FreePort.any();
    private final EmbeddedActiveMQ jms = new EmbeddedActiveMQ();
    private final SQSRestServer queues = SQSRestServerBuilder.withInterface("127.0.0.1")
            .withPort(FreePort.any())
            .start();
    private String database;
    private KafkaBroker kafka;
    private RunningProduct product;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        mail.start();
        jms.setConfiguration(new ConfigurationImpl()
                .setPersistenceEnabled(false)
                .setSecurityEnabled(false)
                .addAcceptorConfiguration("tcp", jmsUrl()));
        jms.start();
        kafka = KafkaBroker.separate(Files.createTempDirectory("kafka"));
        kafka.makeTopic("calls", PARTITIONS);
        try (var catalog = getClass().getResourceAsStream("/kamelets/kafka-sink.kamelet.yaml")) {
            Files.createDirectories(folder.resolve("kamelet-catalog"));
            Files.writeString(
                    folder.resolve("kamelet-catalog/kafka-two-sink.kamelet.yaml"),
                    new String(catalog.readAllBytes(), StandardCharsets.UTF_8)
                            .replace("name: kafka-sink", "name: kafka-two-sink"));
        }
        database = Postgres.emptyDatabase();
        try (java.sql.Connection connection = Postgres.connect(database)) {
            connection.createStatement().execute("CREATE TABLE calls (id text, minutes numeric)");
        }
        Map<String, String> settings = settings();
        String names = settings.keySet().stream()
                .map(key -> key.substring(PREFIX.length(), key.lastIndexOf('.')))
                .distinct()
                .collect(Collectors.joining(","));
        String webhooks = block("yaml").replace("webhooks:\n", "")
                + OWN.stream().map(KameletSystemsTest::webhook).collect(Collectors.joining());
        product = RunningProduct.start(
                folder,
                "accounts:\n  - id: acme\n    apiKeys: [{name: anna, role: admin, key: " + KEY + "}]\n    webhooks:\n"
                        + webhooks.indent(4),
                Stream.concat(
                                Stream.of("webhooks.deliver.kamelets=" + names),
                                settings.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()))
                        .toArray(String[]::new));
    }

    private String jmsUrl() {
        return "tcp://127.0.0.1:" + jmsPort;
    }

    private String queuesUrl() {
        return "http://127.0.0.1:" + queues.waitUntilStarted().localAddress().getPort();
    }

    private static String webhook(String kamelet) {
        String topic = kamelet.equals("kafka-sink") ? "properties: {topic: calls}, " : "";
        return "  - {name: %1$s, events: [%1$s], retry: %2$s, delivery: {timeout: 10s, kamelet: {%3$sname: %1$s}}}\n"
                .formatted(kamelet, RETRY, topic);
    }

    /** Those of the page, with what is different here. */
    private Map<String, String> settings() {
        String text =
                """
                kafka-sink.bootstrapServers=%1$s
                kafka-sink.sslTruststoreLocation=%11$s
                kafka-sink.sslTruststorePassword=%12$s
                kafka-sink.saslPassword=%3$s
                kafka-two-sink.topic=calls
                kafka-two-sink.bootstrapServers=%1$s
                kafka-two-sink.saslAuthType=PLAIN
                kafka-two-sink.sslTruststoreLocation=%11$s
                kafka-two-sink.sslTruststorePassword=%12$s
                kafka-two-sink.saslUsername=%2$s
                kafka-two-sink.saslPassword=%4$s
                jms-apache-artemis-sink.destinationName=calls
                jms-apache-artemis-sink.brokerURL=%5$s
                mail-sink.connectionHost=127.0.0.1
                mail-sink.connectionPort=%6$d
                mail-sink.username=u
                mail-sink.password=%4$s
                mail-sink.from=webhooks@example.com
                mail-sink.to=agent@example.com
                mail-sink.subject=Call
                aws-sqs-sink.useDefaultCredentialsProvider=false
                aws-sqs-sink.accessKey=x
                aws-sqs-sink.secretKey=%4$s
                aws-sqs-sink.overrideEndpoint=true
                aws-sqs-sink.uriEndpointOverride=%7$s
                aws-s3-sink.useDefaultCredentialsProvider=false
                aws-s3-sink.accessKey=x
                aws-s3-sink.secretKey=%4$s
                aws-s3-sink.overrideEndpoint=true
                aws-s3-sink.uriEndpointOverride=http://127.0.0.1:%8$d
                aws-s3-sink.forcePathStyle=true
                postgresql-sink.serverName=localhost
                postgresql-sink.serverPort=%13$d
                postgresql-sink.databaseName=%14$s
                postgresql-sink.username=%15$s
                postgresql-sink.password=%4$s
                spring-rabbitmq-sink.host=127.0.0.1
                spring-rabbitmq-sink.port=%9$d
                spring-rabbitmq-sink.username=%10$s
                spring-rabbitmq-sink.password=%10$s
                spring-rabbitmq-sink.queues=calls
                spring-rabbitmq-sink.autoDeclareProducer=true
                """
                        .formatted(
                                kafka.saslBrokers(),
                                KafkaBroker.USER,
                                KafkaBroker.PASSWORD,
                                SECRET,
                                jmsUrl(),
                                mail.getSmtp().getPort(),
                                queuesUrl(),
                                bucket.port(),
                                rabbitPort,
                                RabbitBroker.USER,
                                kafka.trustStore(),
                                KafkaBroker.STORE_PASSWORD,
                                URI.create(database.substring("jdbc:".length())).getPort(),
                                database.substring(database.lastIndexOf('/') + 1),
                                Postgres.USER);
        Map<String, String> all = new LinkedHashMap<>();
        Stream.concat(
                        block("properties").lines().filter(line -> line.startsWith(PREFIX)),
                        text.lines().map(PREFIX::concat))
                .map(line -> line.split("=", 2))
                .forEach(setting -> all.put(setting[0], setting[1]));
        return all;
    }

    /** The block of the page about Kamelets. */
    private static String block(String language) {
        return Documented.page(Path.of("docs/camel.md")).blocks(language).stream()
                .filter(each -> each.contains("kafka-sink"))
                .findFirst()
                .orElseThrow();
    }

    @AfterAll
    void stop() throws Exception {
        product.close();
        kafka.stop();
        queues.stopAndWait();
        jms.stop();
        mail.stop();
    }

    private void post(String kamelet, String id) {
        String event =
                "{\"id\": \"%1$s\", \"source\": \"/s\", \"type\": \"%2$s\", \"partitionkey\": \"%1$s\", \"data\": {\"call\": \"%1$s\", \"seconds\": 90}}"
                        .formatted(id, kamelet);
        assertEquals(202, product.postEvent(KEY, event).statusCode());
    }

    private void deliver(String kamelet) {
        post(kamelet, kamelet);
        product.awaitDeliveries(KEY, kamelet, 1, "delivered");
    }

    @Test
    void kafka_sink_loses_nothing_when_its_broker_is_killed_and_started_again() {
        for (int i = 0; i < EVENTS; i++) {
            post("kafka-sink", "k" + i);
            if (i == EVENTS / 3) {
                kafka.kill();
            } else if (i == EVENTS / 3 * 2) {
                kafka.restart();
            }
        }
        Set<String> sent = IntStream.range(0, EVENTS).mapToObj(i -> "k" + i).collect(Collectors.toSet());
        Awaitility.await().pollInterval(Duration.ofSeconds(1)).until(() -> keys().collect(Collectors.toSet())
                .containsAll(sent));
        IntStream.range(0, PARTITIONS)
                .forEach(number -> assertFalse(kafka.all("calls", number).isEmpty(), "partition " + number));
    }

    private Stream<String> keys() {
        return IntStream.range(0, PARTITIONS)
                .boxed()
                .flatMap(number -> kafka.all("calls", number).stream())
                .map(KafkaBroker.Got::key);
    }

    @Test
    void a_password_that_kafka_refuses_is_a_fault_of_the_webhook_and_is_masked() {
        post("kafka-two-sink", "refused");
        Awaitility.await().until(() -> product.read("/v1/webhooks/kafka-two-sink", KEY)
                .path("health")
                .toString()
                .contains("failing"));

        String id = product.awaitDeliveries(KEY, "refused", 1, "waiting")
                .path(0)
                .path("id")
                .asText();
        JsonNode delivery = product.read("/v1/deliveries/" + id, KEY);
        assertEquals(0, delivery.path("attemptCount").asInt(), delivery.toString());
        assertTrue(delivery.toString().contains("SaslAuthenticationException"), delivery.toString());
        assertFalse(delivery.toString().contains(SECRET), delivery.toString());
    }

    @Test
    void jms_apache_artemis_sink_puts_the_body_into_a_queue() {
        deliver("jms-apache-artemis-sink");

        try (ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(jmsUrl());
                JMSContext context = factory.createContext()) {
            byte[] body = context.createConsumer(context.createQueue("calls")).receiveBody(byte[].class);
            assertTrue(new String(body, StandardCharsets.UTF_8).contains("\"call\": \"jms-apache-artemis-sink\""));
        }
    }

    @Test
    void mail_sink_sends_the_body_as_a_mail() throws Exception {
        deliver("mail-sink");

        assertEquals(1, mail.getReceivedMessages().length);
        assertEquals("Call", mail.getReceivedMessages()[0].getSubject());
        String body = new String(mail.getReceivedMessages()[0].getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(body.contains("\"call\": \"mail-sink\""), body);
    }

    @Test
    void the_webhooks_of_the_page_send_to_kafka_a_table_and_sqs() throws Exception {
        try (SqsClient client = SqsClient.builder()
                .endpointOverride(URI.create(queuesUrl()))
                .region(Region.EU_CENTRAL_1)
                .httpClientBuilder(ApacheHttpClient.builder())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("x", SECRET)))
                .build()) {
            String queue =
                    client.createQueue(request -> request.queueName("calls")).queueUrl();
            post("call.ended", "page");
            product.awaitDeliveries(KEY, "page", 3, "delivered");

            String body = client.receiveMessage(
                            request -> request.queueUrl(queue).waitTimeSeconds(5))
                    .messages()
                    .get(0)
                    .body();
            assertTrue(body.contains("\"call\": \"page\""), body);
        }
        assertTrue(keys().anyMatch("page"::equals));
        try (java.sql.Connection connection = Postgres.connect(database);
                ResultSet row = connection.createStatement().executeQuery("SELECT * FROM calls")) {
            assertTrue(row.next());
            assertEquals("page", row.getString("id"));
            assertEquals(1.5, row.getDouble("minutes"));
            assertFalse(row.next());
        }
    }

    @Test
    void aws_s3_sink_puts_the_body_into_a_bucket_by_a_signed_request() {
        deliver("aws-s3-sink");

        List<Receiver.Got> puts = bucket.requests().stream()
                .filter(request -> request.method().equals("PUT"))
                .toList();
        assertEquals(1, puts.size());
        assertTrue(puts.get(0).target().getPath().startsWith("/calls/"));
        assertTrue(puts.get(0).header("Authorization").startsWith("AWS4-HMAC-SHA256 Credential=x/"));
        assertTrue(
                puts.get(0).body().contains("\"call\": \"aws-s3-sink\""),
                puts.get(0).body());
    }

    @Test
    void spring_rabbitmq_sink_waits_for_its_broker_and_puts_the_body_into_a_queue(@TempDir Path folder)
            throws Exception {
        Tools.assume(RabbitBroker.PROGRAM);
        post("spring-rabbitmq-sink", "rabbit");
        product.awaitDeliveries(KEY, "rabbit", 1, "waiting");
        try (RabbitBroker broker = new RabbitBroker(folder, rabbitPort)) {
            product.awaitDeliveries(KEY, "rabbit", 1, "delivered");

            ConnectionFactory factory = new ConnectionFactory();
            factory.setHost("127.0.0.1");
            factory.setPort(broker.port());
            try (Connection connection = factory.newConnection()) {
                GetResponse got = connection.createChannel().basicGet("calls", true);
                assertTrue(
                        new String(got.getBody(), StandardCharsets.UTF_8).contains("\"call\": \"rabbit\""),
                        Arrays.toString(got.getBody()));
            }
        }
    }
}
