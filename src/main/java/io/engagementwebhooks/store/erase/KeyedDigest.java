package io.engagementwebhooks.store.erase;

import io.engagementwebhooks.event.Event;
import io.engagementwebhooks.event.EventIdentity;
import java.util.function.UnaryOperator;

/**
 * Digests, under a secret key, of what was erased: they find it again, and without the key no guess can be verified.
 * Thread-safe.
 */
public final class KeyedDigest {

    private static final String ERASED = "erased-";

    private volatile UnaryOperator<String> hash = text -> {
        throw new IllegalStateException("the store has no key for erased identities yet");
    };

    /** Sets the keyed hash, before the first event is accepted. */
    public void use(UnaryOperator<String> keyed) {
        hash = keyed;
    }

    /** The digest of a value. @param field where events have it; the same value of another account has another digest */
    String of(String account, String field, String value) {
        return hash.apply(field.length() + ":" + field + account.length() + ":" + account + value);
    }

    /** The digest of an identity; that of a test is the identity of its event. */
    String ofIdentity(String account, String source, String id) {
        return of(account, Erasure.IDENTITY, id.length() + ":" + id + Event.withoutTest(source));
    }

    /** Half of a digest is enough to tell identities apart, and keeps the row small. */
    private static String erased(String digest) {
        return ERASED + digest.substring(0, digest.length() / 2);
    }

    /** The identity that an erased event keeps: digests of its id, and of id and source. */
    public EventIdentity erased(EventIdentity identity) {
        String account = identity.account();
        String both = identity.id().length() + ":" + identity.id() + identity.source();
        return new EventIdentity(
                account, erased(of(account, "source", both)), erased(of(account, "id", identity.id())));
    }
}
