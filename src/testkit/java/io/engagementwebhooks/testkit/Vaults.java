package io.engagementwebhooks.testkit;

import io.engagementwebhooks.config.Vault;
import java.nio.file.Path;
import java.security.SecureRandom;

/** Vaults with a key file. */
public final class Vaults {

    private Vaults() {}

    /** The vault of a key file, created if missing. */
    public static Vault open(Path keyFile) {
        SecureRandom random = new SecureRandom();
        return Vault.read(keyFile, random).orElseGet(() -> Vault.make(keyFile, random));
    }
}
