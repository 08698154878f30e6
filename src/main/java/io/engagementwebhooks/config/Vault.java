package io.engagementwebhooks.config;

import io.engagementwebhooks.credential.PrivateFile;
import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.webhook.auth.Secret;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encrypts bytes for the store with AES-256-GCM. The ciphertext has the key's id, so that a wrong key is distinguished
 * from damage. Layout: version (1 byte), key id (8), nonce (12), ciphertext with tag; version and key id are
 * authenticated too.
 *
 * <p>Immutable and thread-safe.
 */
public final class Vault {

    private static final Logger LOG = LoggerFactory.getLogger(Vault.class);
    private static final byte VERSION = 1;
    /** Bytes of a key. */
    public static final int KEY_LENGTH = 32;

    private static final int ID_LENGTH = 8;
    private static final int NONCE_LENGTH = 12;
    private static final int HEADER_LENGTH = 1 + ID_LENGTH;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final byte[] id;
    private final SecureRandom random;

    private Vault(byte[] key, SecureRandom random) {
        this.key = new SecretKeySpec(key, "AES");
        this.id = Arrays.copyOf(sha256("engagement-webhooks vault key id", key), ID_LENGTH);
        this.random = random;
    }

    /**
     * The vault with the key of a file; empty if the file does not exist.
     *
     * @throws VaultFault if the file cannot be read, or has no valid key
     */
    public static Optional<Vault> read(Path keyFile, SecureRandom random) {
        try {
            if (Files.notExists(keyFile)) {
                return Optional.empty();
            }
            if (PrivateFile.isReadableByOthers(keyFile)) {
                LOG.warn("store-key.open-to-others file={}: other users can read it; chmod 600 it", keyFile);
            }
            return Optional.of(new Vault(decoded(text(keyFile), "key file " + keyFile), random));
        } catch (IOException e) {
            throw unusable(keyFile, e);
        }
    }

    /** Reads any bytes as text; a valid key is ASCII. */
    private static String text(Path keyFile) throws IOException {
        return new String(Files.readAllBytes(keyFile), StandardCharsets.ISO_8859_1);
    }

    /**
     * A vault with a new key, written to the file with access for its owner only and synced to disk.
     *
     * @param keyFile replaced if it exists
     * @throws VaultFault if it cannot be written
     */
    public static Vault make(Path keyFile, SecureRandom random) {
        byte[] key = new byte[KEY_LENGTH];
        random.nextBytes(key);
        try {
            PrivateFile.write(
                    keyFile, (Base64.getEncoder().encodeToString(key) + "\n").getBytes(StandardCharsets.US_ASCII));
            return new Vault(key, random);
        } catch (IOException e) {
            throw unusable(keyFile, e);
        }
    }

    private static VaultFault unusable(Path keyFile, IOException cause) {
        return new VaultFault("key file " + keyFile + " cannot be made or read: check folder and permissions", cause);
    }

    /**
     * Replaces a key file atomically by a new one, synced to disk.
     *
     * @throws VaultFault if it cannot be moved; both files are unchanged
     */
    public static void replace(Path made, Path keyFile) {
        try {
            PrivateFile.replace(made, keyFile);
        } catch (IOException e) {
            throw unusable(keyFile, e);
        }
    }

    /** The id of the key of a ciphertext; empty if it is not of this version. */
    public static Optional<String> sealedWith(byte[] sealed) {
        return sealed.length < HEADER_LENGTH + NONCE_LENGTH || sealed[0] != VERSION
                ? Optional.empty()
                : Optional.of(HexFormat.of().formatHex(sealed, 1, HEADER_LENGTH));
    }

    /**
     * The vault with a configured key, for a store that several instances share.
     *
     * @param key Base64 of 32 random bytes
     * @throws VaultFault if it is invalid
     */
    public static Vault of(Secret key, SecureRandom random) {
        return new Vault(decoded(key.reveal(), "the given encryption key"), random);
    }

    /** A vault with a key derived from this one for a purpose: neither decrypts what the other encrypted. */
    public Vault derived(String purpose) {
        return new Vault(sha256("engagement-webhooks " + purpose, key.getEncoded()), random);
    }

    /** The id of this key, as hex; does not reveal the key. */
    public String keyId() {
        return HexFormat.of().formatHex(id);
    }

    public byte[] seal(byte[] plain) {
        byte[] nonce = new byte[NONCE_LENGTH];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(plain);
            return ByteBuffer.allocate(HEADER_LENGTH + NONCE_LENGTH + sealed.length)
                    .put(header())
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /** @throws VaultFault if it was encrypted with another key, or is damaged */
    public byte[] unseal(byte[] sealed) {
        if (sealed.length < HEADER_LENGTH + NONCE_LENGTH || sealed[0] != VERSION) {
            throw new VaultFault("the encrypted data is damaged or of another version");
        }
        byte[] sealedWith = Arrays.copyOfRange(sealed, 1, HEADER_LENGTH);
        if (!Arrays.equals(sealedWith, id)) {
            throw new VaultFault("sealed with key " + HexFormat.of().formatHex(sealedWith) + ", but the key here is "
                    + keyId() + ": put back the key file that belongs to this store");
        }
        byte[] nonce = Arrays.copyOfRange(sealed, HEADER_LENGTH, HEADER_LENGTH + NONCE_LENGTH);
        try {
            int start = HEADER_LENGTH + NONCE_LENGTH;
            return cipher(Cipher.DECRYPT_MODE, nonce).doFinal(sealed, start, sealed.length - start);
        } catch (AEADBadTagException e) {
            throw new VaultFault("the encrypted data was changed or is damaged", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /** A keyed hash of a text as hex, to find it again. Without the key, guesses cannot be verified. */
    public String name(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(sha256("engagement-webhooks vault names", key.getEncoded()), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HMAC", e);
        }
    }

    private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(header());
        return cipher;
    }

    private byte[] header() {
        return ByteBuffer.allocate(HEADER_LENGTH).put(VERSION).put(id).array();
    }

    private static byte[] decoded(String text, String what) {
        try {
            byte[] key = Base64.getDecoder().decode(text.strip());
            if (key.length == KEY_LENGTH) {
                return key;
            }
        } catch (IllegalArgumentException e) {
            // reported below, without the text
        }
        throw new VaultFault(what + " holds no key: it is the Base64 of " + KEY_LENGTH
                + " bytes; restore the right one, or delete it if it is lost");
    }

    private static byte[] sha256(String label, byte[] key) {
        MessageDigest digest = Sha256.inParts();
        digest.update(label.getBytes(StandardCharsets.US_ASCII));
        return digest.digest(key);
    }

    @Override
    public String toString() {
        return "vault with key " + keyId();
    }
}
