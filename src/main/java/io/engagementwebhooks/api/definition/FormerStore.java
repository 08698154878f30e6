package io.engagementwebhooks.api.definition;

import io.engagementwebhooks.config.AppliedFiles;
import io.engagementwebhooks.config.BootstrapKey;
import io.engagementwebhooks.config.ConfigParser;
import io.engagementwebhooks.config.FileTarget;
import io.engagementwebhooks.config.LastGoodFile;
import io.engagementwebhooks.config.Vault;
import io.engagementwebhooks.config.schema.ConfigFaults;
import io.engagementwebhooks.store.Store;
import io.engagementwebhooks.store.definition.SettingStore;
import io.engagementwebhooks.webhook.ApiKey;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes definitions of what an older version stored: the hash of the first key, and the last good configuration file.
 * Several instances may do it at the same time.
 *
 * @param reader accepts all URLs: the egress rules may have changed since, and apply when a request is sent
 * @param target where the file is applied, under a name that no instance has
 */
public record FormerStore(
        Store store, DefinitionChanges changes, Vault vault, ConfigParser reader, FileTarget target, Clock clock) {

    /** The store's setting of the hash of the first key. */
    private static final String FIRST_KEY_HASH = "first-key-sha256";

    private static final List<String> FORMER = List.of(FIRST_KEY_HASH, LastGoodFile.SETTING, "config-generation");

    private static final Logger LOG = LoggerFactory.getLogger(FormerStore.class);

    /** Applies it, before the configuration file. */
    public void apply() {
        SettingStore settings = store.settings();
        settings.setting(FIRST_KEY_HASH)
                .map(hash -> new ApiKey(BootstrapKey.NAME, ApiKey.Role.ADMIN, hash, null))
                .ifPresent(key -> new BootstrapAccount(changes, store.identities(), vault).add(key, clock.instant()));
        settings.setting(LastGoodFile.SETTING)
                .map(vault::unseal)
                .map(LastGoodFile::of)
                .ifPresent(this::apply);
    }

    private void apply(LastGoodFile last) {
        try {
            ConfigParser.Good good = reader.read(last.file(), last.placeholders());
            if (know(last)) {
                target.apply(good, last.fingerprint(), false);
            }
        } catch (ConfigFaults e) {
            LOG.error("config.last-good-faulty: {}; only the configuration file is applied", e.getMessage());
        }
    }

    /** @return false: a file was applied since */
    private boolean know(LastGoodFile last) {
        return changes.exclusively(() -> {
            AppliedFiles files = changes.made().files();
            if (!files.known().isEmpty()) {
                return files.isActive(last.fingerprint());
            }
            for (String each : last.fingerprints()) {
                files = files.applied("", each, Map.of(), clock.instant());
            }
            return changes.write(List.of(), vault.seal(files.toBytes()));
        });
    }

    /** Removes it, after the start. */
    public void forget() {
        SettingStore settings = store.settings();
        if (FORMER.stream().anyMatch(name -> settings.setting(name).isPresent())) {
            settings.settings(FORMER.stream().collect(Collectors.toMap(name -> name, name -> Optional.empty())))
                    .toCompletableFuture()
                    .join();
        }
    }
}
