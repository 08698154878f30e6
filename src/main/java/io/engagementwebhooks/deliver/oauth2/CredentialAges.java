package io.engagementwebhooks.deliver.oauth2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.webhook.OAuthClient;
import io.engagementwebhooks.webhook.Secret;
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
 * Since when each OAuth client has had the credential it has, also over a restart. The store keeps a salted hash by which
 * a credential is known again, and neither the credential nor a hash that could be looked up. Thread-safe.
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

    /** Records the current credentials. The age of a changed credential starts now. */
    public void note(Collection<OAuthClient> clients) {
        for (OAuthClient client : clients) {
            credential(client).ifPresent(credential -> note(name(client), credential));
        }
    }

    /** Since when a client has had its credential; empty: it has none, or is not noted yet. */
    public Optional<Instant> since(OAuthClient client) {
        Entry entry = known.get(name(client));
        return credential(client)
                .filter(credential -> entry != null && entry.isOf(credential))
                .map(credential -> Instant.parse(entry.since()));
    }

    private void note(String name, String credential) {
        known.compute(name, (key, before) -> {
            Entry entry = before != null ? before : kept(name);
            return entry != null && entry.isOf(credential) ? entry : begun(name, credential);
        });
    }

    private Entry kept(String name) {
        return store.settings().setting(name).map(CredentialAges::read).orElse(null);
    }

    private Entry begun(String name, String credential) {
        byte[] bytes = new byte[SALT_BYTES];
        random.nextBytes(bytes);
        String salt = HexFormat.of().formatHex(bytes);
        Entry entry =
                new Entry(salt, Entry.hash(salt, credential), clock.instant().toString());
        store.settings()
                .setting(name, JSON.valueToTree(entry).toString().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.warn("credential-age.not-stored: a restart counts it from the start", failure);
                    }
                });
        return entry;
    }

    private static Entry read(byte[] kept) {
        try {
            JsonNode entry = JSON.readTree(kept);
            return new Entry(
                    entry.path("salt").textValue(),
                    entry.path("hash").textValue(),
                    Instant.parse(entry.path("since").asText()).toString());
        } catch (IOException | java.time.format.DateTimeParseException e) {
            LOG.warn("credential-age.unknown-format: it counts from now");
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
