package io.engagementwebhooks.contentsquare;

import java.net.URI;
import java.time.Instant;

/**
 * A token and where it may be used: one value, cached and replaced together. Compared by identity where the question is
 * whether the cache still holds it.
 */
record IssuedToken(String value, URI enrichmentsUrl, Instant renewFrom) {
    @Override
    public String toString() {
        return "token for " + enrichmentsUrl + " until " + renewFrom;
    }
}
