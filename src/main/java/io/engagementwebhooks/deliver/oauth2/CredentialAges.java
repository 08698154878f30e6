package io.engagementwebhooks.deliver.oauth2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tracks since when each OAuth client has had its current credential, across restarts. The store keeps only a salted
 * hash. Thread-safe.
 */
public final class CredentialAges {

    private static final Logger LOG = LoggerFactory.getLogger(CredentialAges.class);
    private static final String SETTING = "oauth-credential/";
    private static final JsonMapper JSON = new JsonMapper();
    private static final int SALT_BYTES = 16;

    private final Store store;
    private final Clock clock;
    private final SecureRandom random;
    private final Map<String, Entry> known = new ConcurrentHashMap<>();

    private record Entry(String salt, String hash, String since) {

        boolean isOf(String credential) {
            return hash.equals(hash(salt, credential));
        }

        static String hash(String salt, String credential) {
            return Secret.of(salt + "\n" + credential).fingerprint();
        }
    }

    public CredentialAges(Store store, Clock clock, SecureRandom random) {
        this.store = store;
        this.clock = clock;
        this.random = random;
    }

    /** Records the current credentials. The age of a changed one starts now. */
    public void note(Collection<OAuthClient> clients) {
        for (OAuthClient client : clients) {
            credential(client).ifPresent(credential -> note(name(client), credential));
        }
    }

    /** Since when a client has had its credential; empty if it has none or is not recorded yet. */
    public Optional<Instant> since(OAuthClient client) {
        Entry entry = known.get(name(client));
        return credential(client)
                .filter(credential -> entry != null && entry.isOf(credential))
                .map(credential -> Instant.parse(entry.since()));
    }

    private void note(String name, String credential) {
        known.compute(name, (key, before) -> {
            Entry entry = before != null ? before : stored(name);
            return entry != null && entry.isOf(credential) ? entry : create(name, credential);
        });
    }

    private Entry stored(String name) {
        return store.settings().setting(name).map(CredentialAges::read).orElse(null);
    }

    private Entry create(String name, String credential) {
        byte[] bytes = new byte[SALT_BYTES];
        random.nextBytes(bytes);
        String salt = HexFormat.of().formatHex(bytes);
        Entry entry =
                new Entry(salt, Entry.hash(salt, credential), clock.instant().toString());
        store.settings()
                .setting(name, JSON.valueToTree(entry).toString().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.warn("credential-age.not-stored: after a restart the age counts from zero", failure);
                    }
                });
        return entry;
    }

    private static Entry read(byte[] stored) {
        try {
            JsonNode entry = JSON.readTree(stored);
            return new Entry(
                    entry.path("salt").textValue(),
                    entry.path("hash").textValue(),
                    Instant.parse(entry.path("since").asText()).toString());
        } catch (IOException | java.time.format.DateTimeParseException e) {
            LOG.warn("credential-age.unknown-format: the age counts from now");
            return null;
        }
    }

    private static Optional<String> credential(OAuthClient client) {
        return client.credential().fingerprint().map(print -> client.clientId() + "\n" + print);
    }

    private static String name(OAuthClient client) {
        return SETTING + client.account() + "/" + client.name();
    }
}
