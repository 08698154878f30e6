package io.engagementwebhooks.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.engagementwebhooks.testkit.Vaults;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Semantics 36. */
class VaultTest {

    private static final byte[] PLAIN = "a secret".getBytes(StandardCharsets.UTF_8);
    private final SecureRandom random = new SecureRandom();

    @TempDir
    Path folder;

    @Test
    void a_ciphertext_is_decrypted_after_a_restart() {
        byte[] sealed = open("store.key").seal(PLAIN);
        assertArrayEquals(PLAIN, open("store.key").unseal(sealed));
    }

    @Test
    void a_ciphertext_hides_the_text_and_differs_each_time() {
        Vault vault = open("store.key");
        String once = HexFormat.of().formatHex(vault.seal(PLAIN));
        assertFalse(once.contains(HexFormat.of().formatHex(PLAIN)));
        assertNotEquals(once, HexFormat.of().formatHex(vault.seal(PLAIN)));
    }

    @Test
    void the_key_file_is_for_its_owner_only() throws IOException {
        open("data/store.key");
        Path file = folder.resolve("data/store.key");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        try (var files = Files.list(file.getParent())) {
            assertEquals(1, files.count(), "nothing is left beside it");
        }
    }

    @Test
    void a_wrong_key_is_reported_by_its_id() {
        byte[] sealed = open("one.key").seal(PLAIN);
        VaultFault fault = assertThrows(VaultFault.class, () -> open("two.key").unseal(sealed));
        assertTrue(fault.getMessage().contains(open("one.key").keyId()), fault.getMessage());
        assertTrue(fault.getMessage().contains(open("two.key").keyId()), fault.getMessage());
    }

    @Test
    void a_changed_ciphertext_is_refused() {
        Vault vault = open("store.key");
        byte[] sealed = vault.seal(PLAIN);
        sealed[sealed.length - 1] ^= 1;
        assertThrows(VaultFault.class, () -> vault.unseal(sealed));
        assertThrows(VaultFault.class, () -> vault.unseal(new byte[3]));
    }

    @Test
    void a_damaged_key_file_is_refused_and_left_alone() throws IOException {
        Path file = Files.writeString(folder.resolve("store.key"), "half");
        VaultFault fault = assertThrows(VaultFault.class, () -> Vaults.open(file));
        assertTrue(fault.getMessage().contains("store.key"), fault.getMessage());
        assertEquals("half", Files.readString(file));
    }

    @Test
    void a_configured_key_decrypts_what_the_key_file_encrypted() throws IOException {
        byte[] sealed = open("store.key").seal(PLAIN);
        Secret key = Secret.of(Files.readString(folder.resolve("store.key")));
        assertArrayEquals(PLAIN, Vault.of(key, random).unseal(sealed));
        assertThrows(VaultFault.class, () -> Vault.of(Secret.of("short"), random));
    }

    private Vault open(String file) {
        return Vaults.open(folder.resolve(file));
    }
}
