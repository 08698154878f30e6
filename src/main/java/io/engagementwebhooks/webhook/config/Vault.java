package io.engagementwebhooks.webhook.config;

import io.engagementwebhooks.event.Sha256;
import io.engagementwebhooks.webhook.Secret;
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
 * Seals bytes for the store with AES-256-GCM. What is sealed names its key by an id, so a wrong key differs from damage.
 * Layout: version (1 byte), key id (8), nonce (12), ciphertext with tag; version and key id are authenticated too.
 *
 * <p>Immutable and thread-safe.
 */
public final class Vault {

    private static final Logger LOG = LoggerFactory.getLogger(Vault.class);
    private static final byte VERSION = 1;
    private static final int KEY_LENGTH = 32;
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
     * The vault whose key lies in a file, or empty: there is no such file.
     *
     * @throws VaultFault if the file cannot be read, or holds no key
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

    /** A key is ASCII; whatever else lies there is read too, and found to be none. */
    private static String text(Path keyFile) throws IOException {
        return new String(Files.readAllBytes(keyFile), StandardCharsets.ISO_8859_1);
    }

    /**
     * A vault with a new key, which is in the file, readable by its owner only, and on the disk before this returns.
     *
     * @param keyFile replaced if it is there
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
     * Puts a key file that was made beside another in its place, at once and on the disk.
     *
     * @throws VaultFault if it cannot be moved; both are as they were then
     */
    public static void replace(Path made, Path keyFile) {
        try {
            PrivateFile.replace(made, keyFile);
        } catch (IOException e) {
            throw unusable(keyFile, e);
        }
    }

    /** The id of the key that something was sealed with; empty: it was not sealed by a vault of this version. */
    public static Optional<String> sealedWith(byte[] sealed) {
        return sealed.length < HEADER_LENGTH + NONCE_LENGTH || sealed[0] != VERSION
                ? Optional.empty()
                : Optional.of(HexFormat.of().formatHex(sealed, 1, HEADER_LENGTH));
    }

    /**
     * The vault with a given key, for a store that several instances share.
     *
     * @param key Base64 of 32 random bytes
     * @throws VaultFault if it is none
     */
    public static Vault of(Secret key, SecureRandom random) {
        return new Vault(decoded(key.reveal(), "the given encryption key"), random);
    }

    /** Which key this is, as hex; says nothing about the key itself. */
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

    /** @throws VaultFault if it was sealed with another key, or is damaged */
    public byte[] unseal(byte[] sealed) {
        if (sealed.length < HEADER_LENGTH + NONCE_LENGTH || sealed[0] != VERSION) {
            throw new VaultFault("what is to be unsealed is damaged or of another version");
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
            throw new VaultFault("what is to be unsealed was changed or is damaged", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /**
     * A name by which the same text is found again and which tells nothing of it to who has not the key, as hex. What is
     * guessed cannot be tried on it.
     */
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
                + " bytes; put back the right one, or take it away if it is lost");
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
