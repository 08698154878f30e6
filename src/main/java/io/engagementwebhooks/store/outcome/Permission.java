package io.engagementwebhooks.store.outcome;

import java.time.Duration;
import java.time.Instant;

/**
 * What is known of a receiver's permission to send to a URL (semantics 47).
 *
 * @param url the SHA-256 of the URL, in hex
 * @param granted whether the receiver has permitted requests
 * @param until in ms since 1970: the end of the grant, or when the receiver is asked again
 * @param refusals in a row, 0 after a grant
 * @param rate the most requests a minute of a grant, from 1; null: any
 * @param reason why it is not granted, for the customer; null: granted, or not answered yet
 * @param token the SHA-256, in hex, of the token by which the receiver may grant later; null: none, or it was used
 */
public record Permission(
        String url, boolean granted, long until, int refusals, Integer rate, String reason, String token) {

    /** How long a grant holds. */
    public static final Duration GRANTED_FOR = Duration.ofHours(24);

    /** A question without an answer yet: it holds no time. @param last what was known before, or null */
    static Permission asked(Permission last, String url, String token) {
        int refusals = last != null && last.url.equals(url) ? last.refusals : 0;
        return new Permission(url, false, 0, refusals, null, null, token);
    }

    /** @param most requests a minute; null: any */
    public Permission grantedAt(Instant now, Integer most) {
        return new Permission(url, true, now.plus(GRANTED_FOR).toEpochMilli(), 0, most, null, token);
    }

    /** @param again when the receiver is asked again */
    public Permission refusedUntil(Instant again, String why) {
        return new Permission(url, false, again.toEpochMilli(), refusals + 1, null, why, token);
    }

    Permission withoutToken() {
        return new Permission(url, granted, until, refusals, rate, reason, null);
    }

    Permission toAskAgain() {
        return new Permission(url, granted, 0, refusals, rate, reason, token);
    }

    /** Whether it still holds, so that the receiver is not asked. */
    public boolean holds(String urlHash, Instant now) {
        return url.equals(urlHash) && now.toEpochMilli() < until;
    }
}
