package io.engagementwebhooks.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.security.plain.PlainLoginModule;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A real Kafka broker on loopback, its own controller: in this process, where all tests share it, each with its own
 * topics, or in a separate process, which a test can kill. Thread-safe.
 */
public final class KafkaBroker {

    /** Of the clients of {@link #saslBrokers()}. */
    public static final String USER = "webhooks";

    /** Their password. */
    public static final String PASSWORD = "p-of-the-broker";

    /** Of {@link #trustStore()}. */
    public static final String STORE_PASSWORD = "changeit";

    private static final int CLEANER_BYTES = 2 << 20;
    private static KafkaBroker shared;

    private final Path folder;
    private final int port = FreePort.any();
    private final int saslPort = FreePort.any();
    private final int controllerPort = FreePort.any();
    private final AtomicInteger topics = new AtomicInteger();
    private final Runnable end;
    private final KafkaProducer<byte[], byte[]> producer;
    private final Admin admin;
    private Process process;

    /** The broker of this process, started on first use; it ends with the process. */
    public static synchronized KafkaBroker shared() {
        if (shared == null) {
            try {
                shared = new KafkaBroker(Files.createTempDirectory("kafka"), false);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> shared.stop()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return shared;
    }

    /** Starts a broker in a separate process. @param folder an empty folder for its log */
    public static KafkaBroker separate(Path folder) {
        return new KafkaBroker(folder, true);
    }

    private KafkaBroker(Path folder, boolean separate) {
        Budget.BROKERS.use();
        this.folder = folder;
        writeStores();
        if (separate) {
            restart();
            end = this::kill;
        } else {
            KafkaRaftServer server = run(folder, port, saslPort, controllerPort);
            end = () -> {
                server.shutdown();
                server.awaitShutdown();
            };
        }
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", brokers()), new ByteArraySerializer(), new ByteArraySerializer());
        admin = Admin.create(Map.of("bootstrap.servers", brokers()));
    }

    private void writeStores() {
        Certificates authority = new Certificates();
        try (OutputStream trust = Files.newOutputStream(trustStore())) {
            authority.serverSettings("127.0.0.1", folder);
            authority.trustStore().store(trust, STORE_PASSWORD.toCharArray());
        } catch (Exception e) {
            throw new IllegalStateException("the broker's certificate cannot be written", e);
        }
    }

    /** The authority of its certificate. */
    public Path trustStore() {
        return folder.resolve("trust.p12");
    }

    /** Runs a broker in this process. @param args the folder and the three ports */
    public static void main(String... args) {
        run(Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
    }

    private static KafkaRaftServer run(Path folder, int port, int saslPort, int controllerPort) {
        Properties settings = new Properties();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", "1");
        settings.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        String listeners = "PLAINTEXT://127.0.0.1:" + port + ",SASL://127.0.0.1:" + saslPort;
        settings.put("listeners", listeners + ",CONTROLLER://127.0.0.1:" + controllerPort);
        settings.put("advertised.listeners", listeners);
        settings.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,SASL:SASL_SSL,CONTROLLER:PLAINTEXT");
        settings.put("sasl.enabled.mechanisms", "PLAIN");
        settings.put(
                "listener.name.sasl.plain.sasl.jaas.config",
                PlainLoginModule.class.getName() + " required user_" + USER + "=\"" + PASSWORD + "\";");
        settings.put(
                "listener.name.sasl.ssl.keystore.location",
                folder.resolve("server.p12").toString());
        settings.put("listener.name.sasl.ssl.keystore.type", "PKCS12");
        settings.put("listener.name.sasl.ssl.keystore.password", STORE_PASSWORD);
        settings.put("listener.name.sasl.ssl.key.password", STORE_PASSWORD);
        settings.put("controller.listener.names", "CONTROLLER");
        String log = folder.resolve("log").toString();
        settings.put("log.dirs", log);
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("auto.create.topics.enable", "false");
        // few threads suffice
        settings.put("num.network.threads", "1");
        settings.put("num.io.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(CLEANER_BYTES));
        try (PrintStream silent = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(silent)
                    .setNodeId(1)
                    .setClusterId(new Uuid(1, port).toString())
                    .addDirectory(log)
                    .setMetadataLogDirectory(log)
                    .setControllerListenerName("CONTROLLER")
                    .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                    .setIgnoreFormatted(true)
                    .run();
        } catch (Exception e) {
            throw new IllegalStateException("the broker's folder cannot be formatted", e);
        }
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
        server.startup();
        return server;
    }

    /** Starts the process of a separate broker again, on its folder and ports. */
    public void restart() {
        List<String> command = JavaCommand.java(KafkaBroker.class);
        command.addAll(List.of(
                folder.toString(),
                Integer.toString(port),
                Integer.toString(saslPort),
                Integer.toString(controllerPort)));
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills the process of a separate broker. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** For clients that authenticate by SASL/PLAIN over TLS. */
    public String saslBrokers() {
        return "127.0.0.1:" + saslPort;
    }

    /** As clients are notified of it. */
    public String brokers() {
        return "127.0.0.1:" + port;
    }

    /**
     * Makes a topic.
     *
     * @return its unique name
     */
    public String newTopic(int partitions) {
        String name = "topic-" + topics.incrementAndGet();
        makeTopic(name, partitions);
        return name;
    }

    /** Creates a topic with a unique name. */
    public void makeTopic(String name, int partitions) {
        get(admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                .all());
    }

    private static <T> T get(Future<T> answer) {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Sends a record and waits for the broker's acknowledgment. */
    public void send(String topic, String key, byte[] value, Map<String, String> headers) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, key == null ? null : utf8(key), value);
        headers.forEach((name, text) -> record.headers().add(name, utf8(text)));
        get(producer.send(record));
    }

    /** Sends plain JSON. */
    public void send(String topic, String key, String value) {
        send(topic, key, utf8(value), Map.of());
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * A record.
     *
     * @param key its key, or null
     * @param value its value
     * @param headers its headers, as text
     */
    public record Got(String key, String value, Map<String, String> headers) {}

    /** All records of partition 0 of a topic. */
    public List<Got> all(String topic) {
        return all(topic, 0);
    }

    /** All records of a partition of a topic. */
    public List<Got> all(String topic, int number) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", brokers(), "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, number);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            List<Got> all = new ArrayList<>();
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> all.add(got(record)));
            }
            return all;
        }
    }

    private static Got got(ConsumerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), text(header.value()));
        }
        return new Got(text(record.key()), text(record.value()), headers);
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    /** The sum of a group's committed offsets of a topic. */
    public long committed(String group, String topic) {
        return offsets(group).entrySet().stream()
                .filter(partition -> partition.getKey().topic().equals(topic))
                .mapToLong(partition -> partition.getValue().offset())
                .sum();
    }

    /** A group's committed offset of a partition. */
    public long committed(String group, String topic, int partition) {
        return offsets(group).get(new TopicPartition(topic, partition)).offset();
    }

    private Map<TopicPartition, OffsetAndMetadata> offsets(String group) {
        return get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    }

    /** Resets a group without members to the start of a topic. */
    public void rewind(String group, String topic) {
        Map<TopicPartition, OffsetAndMetadata> beginnings = new HashMap<>();
        offsets(group).keySet().forEach(partition -> {
            if (partition.topic().equals(topic)) {
                beginnings.put(partition, new OffsetAndMetadata(0));
            }
        });
        get(admin.alterConsumerGroupOffsets(group, beginnings).all());
    }

    /** Ends it and deletes its folder. */
    public void stop() {
        producer.close(Duration.ZERO);
        admin.close(Duration.ZERO);
        end.run();
        try {
            Folders.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
