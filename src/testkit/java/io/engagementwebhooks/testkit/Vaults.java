package io.engagementwebhooks.testkit;

import io.engagementwebhooks.webhook.config.Vault;
import java.nio.file.Path;
import java.security.SecureRandom;

/** Vaults whose key lies in a file. */
public final class Vaults {

    private Vaults() {}

    /** A missing file is made. */
    public static Vault open(Path keyFile) {
        SecureRandom random = new SecureRandom();
        return Vault.read(keyFile, random).orElseGet(() -> Vault.make(keyFile, random));
    }
}
