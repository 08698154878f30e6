package io.engagementwebhooks.deliver.kamelet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** All sink Kamelets of Camel's catalog, and what of them webhooks may set (semantics 50). */
class KameletDefinitionTest {

    private static final ClassLoader JAR = KameletDefinitionTest.class.getClassLoader();
    private static final Map<String, KameletDefinition> CATALOG = catalog();

    private static Map<String, KameletDefinition> catalog() {
        Map<String, KameletDefinition> catalog = new TreeMap<>();
        Pattern sink = Pattern.compile("kamelets/(.+-sink)\\.kamelet\\.yaml");
        try {
            JarURLConnection kafka =
                    (JarURLConnection) Objects.requireNonNull(JAR.getResource("kamelets/kafka-sink.kamelet.yaml"))
                            .openConnection();
            JarFile jar = kafka.getJarFile();
            for (var entry : jar.stream().toList()) {
                Matcher name = sink.matcher(entry.getName());
                if (name.matches()) {
                    byte[] yaml = jar.getInputStream(entry).readAllBytes();
                    catalog.put(name.group(1), KameletDefinition.parse(name.group(1), yaml));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return catalog;
    }

    private static List<String> openable(String kamelet) {
        KameletDefinition definition = CATALOG.get(kamelet);
        return definition.properties().stream()
                .filter(definition::isOpenable)
                .sorted()
                .toList();
    }

    @Test
    void every_sink_of_the_catalog_is_read() {
        assertEquals(95, CATALOG.size());
    }

    /** A new version of the catalog must not open more unseen. */
    @Test
    void no_property_that_can_name_a_server_a_file_a_class_or_a_program_can_be_open() {
        TreeSet<String> names = new TreeSet<>();
        CATALOG.keySet().forEach(kamelet -> names.addAll(openable(kamelet)));

        assertEquals(
                List.of(), names.stream().filter(name -> !SEEN.contains(name)).toList());
    }

    private static final List<String> SEEN = List.of(
            """
            accessKey accessToken accountKey analyzeCategories analyzeConcepts analyzeEmotion analyzeEntities
            analyzeKeywords analyzeSentiment apiKey apiName app applicationName authorizationToken autoCreate
            autoCreateBucket autoCreateQueue autoCreateTopic autoDeclareProducer autoStartId autocommit
            batchMessageNumber batchSeparator batchSize batchingEnabled batchingMaxMessages
            batchingMaxPublishDelayMicros binary blockIfQueueFull bodyOnly bucket bucketName bucketNameOrArn channel
            channels chatId clientRequestValidation clientSecret compressionType connectionTimeout containerName
            cwNamespace databaseName dataset destinationName destinationType encoding engine eventbusNameOrArn
            eventhubName exchangeName from function functionName headersOnly iconEmoji index initialSequenceId
            itemPartitionKey jetstreamAsync jetstreamEnabled jetstreamName keyName knowledgeBaseId languageCode log
            maxOutputTokens maxPendingMessages maxPendingMessagesAcrossPartitions messageRoutingMode methodName mode
            modelId multiPartUpload namespaceName namingStrategy oauthClientId oauthClientSecret oauthScope operation
            outputFormat partSize passiveMode password personal-token producerName projectId queueName queueNameOrArn
            queues refreshToken region restartingPolicy routingKey sampleRate saslPassword secretKey sendTimeoutMs
            serviceBusType sessionToken shareName sharedAccessKey sharedKey source sourceType startingId stream
            streamName streamingUploadTimeout subject table temperature tenant textType time to token topK topP topic
            topicNameOrArn topicOrQueueName topicType uploadMode username voiceId zoneGroup
            """
                    .split("\\s+"));

    @Test
    void destinations_and_encoded_credentials_can_be_open() {
        assertEquals(
                List.of("oauthClientId", "oauthClientSecret", "oauthScope", "saslPassword", "topic"),
                openable("kafka-sink"));
        assertTrue(openable("aws-sqs-sink").containsAll(List.of("queueNameOrArn", "region", "accessKey", "secretKey")));
        assertEquals(List.of(), openable("postgresql-sink"));
        assertEquals(List.of(), openable("exec-sink"));
        assertEquals(List.of(), openable("http-sink"));
        assertEquals(List.of(), openable("log-sink"));
    }

    @Test
    void a_missing_component_is_named_with_its_coordinates() {
        assertEquals(Optional.empty(), CATALOG.get("kafka-sink").missing(JAR));
        assertEquals(Optional.empty(), CATALOG.get("postgresql-sink").missing(JAR));
        assertEquals(
                "org.apache.camel:camel-aws2-kinesis:" + new org.apache.camel.impl.DefaultCamelContext().getVersion(),
                CATALOG.get("aws-kinesis-sink").missing(JAR).orElseThrow());
        assertTrue(
                CATALOG.get("mysql-sink").missing(JAR).orElseThrow().endsWith("the driver com.mysql.cj.jdbc.Driver"));
    }

    @Test
    void a_value_is_checked_by_the_schema_of_its_property() {
        KameletDefinition sqs = CATALOG.get("aws-sqs-sink");
        assertEquals(Optional.empty(), sqs.misfit("autoCreateQueue", "true"));
        assertTrue(sqs.misfit("autoCreateQueue", "yes").isPresent());
        assertTrue(sqs.misfit("region", "mars").isPresent());
        assertEquals(Optional.empty(), sqs.misfit("queueNameOrArn", "5"));
    }

    @Test
    void a_file_that_is_no_sink_of_this_name_is_refused() {
        for (String text : List.of(
                "a: [",
                "metadata: {name: x-sink}",
                "metadata: {name: y-sink, labels: {camel.apache.org/kamelet.type: sink}}",
                "metadata: {name: x-sink, labels: {camel.apache.org/kamelet.type: source}}")) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> KameletDefinition.parse("x-sink", text.getBytes(StandardCharsets.UTF_8)),
                    text);
        }
    }
}
