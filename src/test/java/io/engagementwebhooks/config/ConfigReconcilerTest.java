package io.engagementwebhooks.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.config.schema.Placeholders;
import io.engagementwebhooks.testkit.ConfigReaders;
import io.engagementwebhooks.testkit.LogLines;
import io.engagementwebhooks.webhook.auth.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which configuration file is active when several processes share a store, as during a rolling deployment. */
class ConfigReconcilerTest {

    private final Map<String, Long> said = new HashMap<>();
    private byte[] sealed;
    private long generation;
    private long nanos;
    private Vault vault;

    @BeforeEach
    void makeVault(@TempDir Path folder) {
        vault = Vault.make(folder.resolve("key"), new SecureRandom());
    }

    private final LastKnownGoodConfig kept = new LastKnownGoodConfig() {
        @Override
        public Optional<byte[]> load() {
            return Optional.ofNullable(sealed);
        }

        @Override
        public void save(byte[] bytes) {
            throw new AssertionError("what is shared has a generation");
        }
    };

    private ConfigReconciler instance(String name) {
        return new ConfigReconciler(kept, sharing(name), vault, () -> nanos);
    }

    private Sharing sharing(String name) {
        return new Sharing() {
            @Override
            public long generation() {
                return generation;
            }

            @Override
            public void save(byte[] bytes, long number) {
                sealed = bytes;
                generation = number;
            }

            @Override
            public boolean begin() {
                return true;
            }

            @Override
            public void end() {}

            @Override
            public void publish(long number) {
                said.put(name, number);
            }

            @Override
            public boolean isPublished(long number) {
                return said.containsValue(number);
            }
        };
    }

    private static StoredConfig file(String content, String secret) {
        return new StoredConfig(
                Instant.EPOCH, content.getBytes(StandardCharsets.UTF_8), Map.of("env:SECRET", Secret.of(secret)));
    }

    private static boolean holds(ConfigReconciler at, String content) {
        return at.offer(file(content, "s")).isOurs();
    }

    private String held() throws Exception {
        return new String(ReplicatedConfig.of(vault.unseal(sealed)).config().file(), StandardCharsets.UTF_8);
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }

    @Test
    void the_same_file_everywhere_is_one_generation() {
        assertTrue(holds(instance("a"), "one"));
        assertTrue(holds(instance("b"), "one"));
        assertEquals(1, generation);
    }

    @Test
    void a_new_content_becomes_active_on_all_instances() throws Exception {
        ConfigReconciler a = instance("a");
        ConfigReconciler b = instance("b");
        holds(a, "one");
        holds(b, "one");
        assertTrue(holds(b, "two"));
        ConfigReconciler.Active seen = a.changedSince(1).orElseThrow();
        assertFalse(seen.isOurs());
        assertEquals(2, seen.shared().generation());
        assertTrue(holds(a, "two"), "its file follows later");
        assertEquals("two", held());
        assertEquals(2, generation);
    }

    @Test
    void the_values_of_placeholders_are_part_of_a_content() {
        assertTrue(instance("a").offer(file("one", "s")).isOurs());
        assertTrue(instance("b").offer(file("one", "another")).isOurs());
        assertEquals(2, generation);
    }

    /** A slow file system shows all changes late, but in order. */
    @Test
    void an_old_file_that_is_replaced_late_changes_nothing() throws Exception {
        ConfigReconciler a = instance("a");
        ConfigReconciler b = instance("b");
        holds(a, "one");
        holds(b, "one");
        holds(a, "two");
        holds(a, "three");
        assertFalse(holds(b, "two"));
        assertEquals("three", held());
        assertTrue(holds(b, "three"));
        assertEquals(3, generation);
    }

    @Test
    void a_file_that_is_changed_back_reverts_the_change() throws Exception {
        ConfigReconciler a = instance("a");
        ConfigReconciler b = instance("b");
        holds(a, "one");
        holds(a, "two");
        holds(b, "two");
        assertTrue(holds(a, "one"));
        assertEquals("one", held());
        assertTrue(holds(b, "one"), "it follows");
        assertEquals(3, generation);
    }

    @Test
    void an_instance_started_with_an_old_file_changes_nothing_while_others_have_the_new_one() throws Exception {
        holds(instance("a"), "one");
        holds(instance("a"), "two");
        assertFalse(holds(instance("b"), "one"));
        assertEquals("two", held());
    }

    @Test
    void without_other_instances_the_file_at_start_is_active() throws Exception {
        holds(instance("a"), "one");
        holds(instance("a"), "two");
        said.clear();
        assertTrue(holds(instance("a"), "one"));
        assertEquals("one", held());
    }

    /** A rollout that is undone: the last instance with the new file has stopped. */
    @Test
    void a_withdrawn_configuration_is_replaced_after_a_while() throws Exception {
        ConfigReconciler old = instance("old");
        holds(old, "one");
        holds(instance("new"), "two");
        assertTrue(old.replaceWithdrawn(2).isEmpty());
        said.remove("new");
        assertTrue(old.replaceWithdrawn(2).isEmpty());
        pass(ConfigReconciler.WITHDRAWN_AFTER.minusSeconds(1));
        assertTrue(old.replaceWithdrawn(2).isEmpty(), "it may only be restarting");
        said.put("new", 2L);
        assertTrue(old.replaceWithdrawn(2).isEmpty(), "and was");
        said.remove("new");
        assertTrue(old.replaceWithdrawn(2).isEmpty());
        pass(ConfigReconciler.WITHDRAWN_AFTER);
        assertTrue(old.replaceWithdrawn(2).orElseThrow().isOurs());
        assertEquals("one", held());
        assertEquals(3, generation);
    }

    @Test
    void a_configuration_stored_without_sharing_is_replaced_by_the_file() throws Exception {
        sealed = vault.seal(file("before", "s").toBytes());
        assertTrue(holds(instance("a"), "one"));
        assertEquals("one", held());
        assertEquals(1, generation);
    }

    @Test
    void another_instances_file_that_cannot_be_activated_is_logged_once(@TempDir Path folder) throws Exception {
        ConfigReconciler other = instance("a");
        Path path = folder.resolve("webhooks.yaml");
        List<RuntimeException> failures = new ArrayList<>();
        try (ConfigFile configFile = configFile("b", path)) {
            configFile.onChange(config -> {
                if (!failures.isEmpty()) {
                    throw failures.remove(0);
                }
            });
            Files.writeString(path, "accounts: [{id: one}]");
            configFile.start();
            other.offer(plain("accounts: [{id: two}]"));
            other.offer(plain("accounts: [{id: three}]"));
            for (int i = 0; i < 3; i++) {
                failures.add(new IllegalStateException("the store is away"));
            }
            try (LogLines log = new LogLines(ConfigFile.class)) {
                Files.writeString(path, "accounts: [{id: two}]");
                while (!failures.isEmpty()) {
                    configFile.poll();
                }
                assertEquals(ConfigStatus.State.BROKEN, configFile.status().state());
                assertEquals(1, lines(log, "config.not-activated"), log.texts().toString());
                assertEquals(0, lines(log, "is not active"), log.texts().toString());
                configFile.poll();
                configFile.poll();
                assertEquals(ConfigStatus.State.OTHER, configFile.status().state());
                configFile.poll();
                assertEquals(1, lines(log, "config.not-activated"), log.texts().toString());
                assertEquals(1, lines(log, "is not active"), log.texts().toString());
            }
        }
    }

    private ConfigFile configFile(String name, Path path) {
        LastKnownGoodConfig shared = new LastKnownGoodConfig() {
            @Override
            public Optional<byte[]> load() {
                return kept.load();
            }

            @Override
            public void save(byte[] bytes) {
                kept.save(bytes);
            }

            @Override
            public Optional<Sharing> sharing() {
                return Optional.of(ConfigReconcilerTest.this.sharing(name));
            }
        };
        return new ConfigFile(
                new ConfigFile.Source(path, true, Placeholders.NONE),
                ConfigReaders.lenient(),
                shared,
                vault,
                Clock.systemUTC());
    }

    /** A file without placeholders. */
    private static StoredConfig plain(String content) {
        return new StoredConfig(Instant.EPOCH, content.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    private static long lines(LogLines log, String part) {
        return log.texts().stream().filter(line -> line.contains(part)).count();
    }
}
