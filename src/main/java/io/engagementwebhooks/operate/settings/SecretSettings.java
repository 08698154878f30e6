package io.engagementwebhooks.operate.settings;

import io.engagementwebhooks.credential.Redactor;
import io.engagementwebhooks.deliver.egress.EgressSettings;
import io.engagementwebhooks.deliver.kamelet.Kamelets;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The secret settings, kept separate, so that Camel, placeholders and dumps cannot reach them. */
final class SecretSettings {

    private static final Set<String> KEYS = Set.of(
            Settings.STORE_KEY,
            Settings.NEXT_STORE_KEY,
            Settings.STORE_PASSWORD,
            Settings.OPERATOR_KEY,
            EgressSettings.PROXY,
            SingleSignOnReading.SECRET,
            MailReading.PASSWORD);

    private static final String FILE_PREFIX = "file:";

    private final Map<String, Secret> secrets = new TreeMap<>();
    private final Set<String> onCommandLine = new TreeSet<>();
    private final Set<Path> files = new TreeSet<>();

    /** Notes a file of settings if a secret stands in it. */
    void noteFile(Path file, Properties own) {
        if (own.stringPropertyNames().stream()
                .anyMatch(key ->
                        isSecret(key) && isLiteral(key, own.getProperty(key).trim()))) {
            files.add(file);
        }
    }

    private static boolean isSecret(String key) {
        return KEYS.contains(key)
                || key.startsWith(Kamelets.VALUES) && Redactor.isSensitive(key.substring(key.lastIndexOf('.') + 1));
    }

    /** Whether a value is taken out of the properties. Those of Kamelets all are, since only some are known as secrets. */
    private static boolean isTaken(String key) {
        return KEYS.contains(key) || key.startsWith(Kamelets.VALUES) && !key.endsWith(Kamelets.OPEN);
    }

    private static boolean isLiteral(String key, String value) {
        return !value.isEmpty()
                && !value.startsWith(FILE_PREFIX)
                && !value.startsWith(OperatorKeyReading.HASHED)
                && !isOpenProxy(key, value);
    }

    /** Whether a proxy's URL has no password. */
    private static boolean isOpenProxy(String key, String value) {
        return key.equals(EgressSettings.PROXY) && value.indexOf('@') < 0;
    }

    /** Takes the secrets out of the properties. @param folder the base of relative paths to files of secrets */
    void takeFrom(PropertyLayers layers, Path folder, Properties system, List<String> faults) {
        for (String key : layers.known()) {
            if (!isTaken(key)) {
                continue;
            }
            String value = layers.text(key);
            layers.put(key, "");
            if (value.startsWith(FILE_PREFIX)) {
                read(key, value.substring(FILE_PREFIX.length()), folder, faults);
            } else if (!value.isEmpty()) {
                secrets.put(key, Secret.of(value));
                if (isSecret(key) && system.getProperty(key) != null && !isOpenProxy(key, value)) {
                    onCommandLine.add(key);
                }
            }
        }
    }

    private void read(String key, String file, Path folder, List<String> faults) {
        try {
            String text = Files.readString(folder.resolve(file)).strip();
            files.add(folder.resolve(file));
            if (text.isEmpty()) {
                faults.add(key + ": file '" + file + "' is empty; write the secret into it");
            } else {
                secrets.put(key, Secret.of(text));
            }
        } catch (IOException | InvalidPathException e) {
            faults.add(key + ": file '" + file + "' cannot be read; it must exist, be readable and be UTF-8");
        }
    }

    Optional<Secret> secret(String key) {
        return Optional.ofNullable(secrets.get(key));
    }

    /** Those given as {@code -D}, which every user of the machine can read. */
    Set<String> onCommandLine() {
        return Collections.unmodifiableSet(onCommandLine);
    }

    /** Files that contain secret settings. */
    Set<Path> files() {
        return Collections.unmodifiableSet(files);
    }
}
