package io.engagementwebhooks.config;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which configuration files were applied to the store, by fingerprints of their contents. Immutable.
 *
 * @param accounts the accounts of the active file, each with the ids of its signing keys, in the order of the file
 * @param bootstrap whether there is the account of a first start
 * @param known fingerprints, the active one last
 * @param byInstance the last fingerprint of each instance, by its name
 * @param at when the active file was applied, in milliseconds since 1970
 */
public record AppliedFiles(
        Map<String, List<String>> accounts,
        boolean bootstrap,
        List<String> known,
        Map<String, String> byInstance,
        long at) {

    /** No file was applied. */
    public static final AppliedFiles NONE = new AppliedFiles(Map.of(), false, List.of(), Map.of(), 0);

    /** Enough for all files that an instance could still have. */
    private static final int MOST = 200;

    private static final JsonMapper JSON = new JsonMapper();

    /** A hash of a file and the values of its placeholders. */
    public static String fingerprint(byte[] file, Map<String, Secret> values) {
        MessageDigest all = Sha256.inParts();
        all.update(file);
        new TreeMap<>(values).forEach((name, value) -> {
            all.update(Sha256.of(name));
            all.update(Sha256.of(value.reveal()));
        });
        return HexFormat.of().formatHex(all.digest());
    }

    /** Whether an instance must apply its file: a new one, the active one, or another one than it had before. */
    public boolean mustApply(String instance, String fingerprint) {
        return !known.contains(fingerprint)
                || isActive(fingerprint)
                || !byInstance.getOrDefault(instance, fingerprint).equals(fingerprint);
    }

    public boolean isActive(String fingerprint) {
        return !known.isEmpty() && known.get(known.size() - 1).equals(fingerprint);
    }

    /** After an instance has applied its file. @param ofFile the accounts of the file */
    public AppliedFiles applied(String instance, String fingerprint, Map<String, List<String>> ofFile, Instant now) {
        List<String> next = new ArrayList<>(known);
        next.remove(fingerprint);
        next.add(fingerprint);
        return new AppliedFiles(
                ofFile,
                bootstrap,
                next.subList(Math.max(0, next.size() - MOST), next.size()),
                seen(instance, fingerprint).byInstance,
                isActive(fingerprint) ? at : now.toEpochMilli());
    }

    /** After an instance has read its file and not applied it. */
    public AppliedFiles seen(String instance, String fingerprint) {
        Map<String, String> next = new LinkedHashMap<>(byInstance);
        next.put(instance, fingerprint);
        if (next.size() > MOST) {
            next.remove(next.keySet().iterator().next());
        }
        return new AppliedFiles(accounts, bootstrap, known, next, at);
    }

    public AppliedFiles withBootstrapAccount() {
        return new AppliedFiles(accounts, true, known, byInstance, at);
    }

    public byte[] toBytes() {
        try {
            return JSON.writeValueAsBytes(this);
        } catch (IOException e) {
            throw new IllegalStateException("a record is always written", e);
        }
    }

    public static AppliedFiles of(byte[] bytes) {
        try {
            return JSON.readValue(bytes, AppliedFiles.class);
        } catch (IOException e) {
            throw new IllegalStateException("the record of applied files is damaged", e);
        }
    }
}
